# SPDX-License-Identifier: Apache-2.0
# takt_cage: the cage. takt_cage_malloc: what makes it real, an object that a program links to have
# its malloc replaced; under a sanitizer, which brings its own malloc, it is empty.
takt_library(takt_cage SOURCES cage.cc cage_slots.cc caged_runner.cc DEPS takt_linux takt_memory)

if(TAKT_SANITIZE)
  add_library(takt_cage_malloc INTERFACE)
  target_link_libraries(takt_cage_malloc INTERFACE takt_cage)
else()
  add_library(takt_cage_malloc OBJECT cage_malloc.cc)
  # Or the compiler turns what calloc does into a call of calloc.
  target_compile_options(takt_cage_malloc PRIVATE -fno-builtin)
  target_link_libraries(takt_cage_malloc PUBLIC takt_cage ${CMAKE_DL_LIBS})
endif()

takt_test(cage_test SOURCES cage_malloc_test.cc cage_test.cc DEPS takt_cage takt_cage_malloc)
if(TARGET cage_test)
  # Or the compiler removes allocations that it sees no use for.
  target_compile_options(cage_test PRIVATE -fno-builtin)
  set_target_properties(cage_test PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)  # With other options.
  if(TAKT_SANITIZE)
    target_compile_definitions(cage_test PRIVATE TAKT_CAGE_CYCLES=100)
  endif()
endif()
