# SPDX-License-Identifier: Apache-2.0
# Programs for the emulated board, and tests that run them.

# takt_firmware(NAME SOURCES ... DEPS ...)
function(takt_firmware name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  set(script ${PROJECT_SOURCE_DIR}/ports/cortex_m/mps2_an385.ld)
  takt_executable(${name} SOURCES ${arg_SOURCES}
                  DEPS ${arg_DEPS} takt_cortex_m takt_cortex_m_start)
  set_target_properties(${name} PROPERTIES SUFFIX .elf LINK_DEPENDS ${script})
  target_link_options(${name} PRIVATE -nostartfiles --specs=nosys.specs -T${script}
                      LINKER:--gc-sections,--no-warn-rwx-segments,-Map=${name}.map)
endfunction()

# takt_emulated_test(NAME [TRACE PROGRAM] [SHIFT N] [FAILS REGEX]): runs the firmware NAME; see
# cmake/emulate.cmake. Its trace must be what PROGRAM writes on the host. An instruction takes 2^N
# nanoseconds, else one. It must end well, or fail after it has said what REGEX matches.
function(takt_emulated_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TRACE;SHIFT;FAILS" "")
  if(NOT arg_SHIFT)
    set(arg_SHIFT 0)
  endif()
  add_test(NAME ${name}
           COMMAND ${CMAKE_COMMAND} -DFIRMWARE=$<TARGET_FILE:${name}> -DPROGRAM=${arg_TRACE}
                   -DSHIFT=${arg_SHIFT} -DFAILS=${arg_FAILS}
                   -P ${PROJECT_SOURCE_DIR}/cmake/emulate.cmake)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 FIXTURES_SETUP emulated)
endfunction()
