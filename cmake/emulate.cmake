# SPDX-License-Identifier: Apache-2.0
# Called with -DFIRMWARE=FILE -DSHIFT=N [-DPROGRAM=FILE] [-DFAILS=REGEX]: runs the firmware in the
# emulated board, shows its console, and fails unless it ends with 0, or with 1 after it has said
# what REGEX matches. Its trace must be, byte by byte, what PROGRAM writes to its standard output on
# this host.
#
# Every instruction takes 2^N nanoseconds, so nothing depends on the host, and time jumps over every
# sleep.
execute_process(
  COMMAND qemu-system-arm -machine mps2-an385 -display none -monitor none
          -semihosting-config enable=on,target=native -icount shift=${SHIFT},sleep=off
          -serial file:${FIRMWARE}.console -serial file:${FIRMWARE}.trace -kernel ${FIRMWARE}
  RESULT_VARIABLE result TIMEOUT 60)
file(READ ${FIRMWARE}.console console)
message("${console}")
if(FAILS)
  if(NOT result EQUAL 1 OR NOT console MATCHES "${FAILS}")
    message(FATAL_ERROR "it ended with '${result}', and not by saying '${FAILS}'")
  endif()
elseif(NOT result EQUAL 0)
  message(FATAL_ERROR "the emulator ended with '${result}'")
endif()

if(PROGRAM)
  if(NOT EXISTS ${PROGRAM})
    message(FATAL_ERROR "${PROGRAM} is missing: './test cortex-m' builds it first")
  endif()
  execute_process(COMMAND ${PROGRAM} OUTPUT_FILE ${FIRMWARE}.expected COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND diff ${FIRMWARE}.expected ${FIRMWARE}.trace RESULT_VARIABLE result
                  OUTPUT_VARIABLE difference)
  if(NOT result EQUAL 0)
    string(SUBSTRING "${difference}" 0 2000 difference)
    message(FATAL_ERROR "the trace differs from that of ${PROGRAM}:\n${difference}")
  endif()
  file(STRINGS ${FIRMWARE}.trace rows)
  list(LENGTH rows count)
  if(count LESS 2)
    message(FATAL_ERROR "the trace is empty")
  endif()
  message("${count} lines of trace are equal")
endif()
