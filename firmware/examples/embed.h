// SPDX-License-Identifier: Apache-2.0
// A file of the tree as constant bytes of a program.
#pragma once

/// Defines NAME_begin and NAME_end around the bytes of `file`, a path from the root.
#define TAKT_EMBED(name, file)                                                                     \
  asm(".section .rodata." #name ",\"a\"\n.global " #name "_begin\n" #name                          \
      "_begin:\n.incbin \"" file "\"\n.global " #name "_end\n" #name "_end:\n.byte 0\n.previous"); \
  extern "C" const char name##_begin[];                                                            \
  extern "C" const char name##_end[]
