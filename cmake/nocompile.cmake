# SPDX-License-Identifier: Apache-2.0
# Called with -DCXX -DINCLUDE -DFILE. Each forbidden part of FILE stands between
#   #ifdef BAD_NAME  // error: REGEX
# and #endif; REGEX must match what the compiler says, so that a slip of the pen in the forbidden
# part does not pass for the law that it is to show.

function(compile result_var output_var)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C
                          ${CXX} -std=c++20 -fsyntax-only -I${INCLUDE} ${ARGN} ${FILE}
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(${result_var} ${result} PARENT_SCOPE)
  set(${output_var} "${output}" PARENT_SCOPE)
endfunction()

compile(result output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${FILE} must compile without its forbidden parts:\n${output}")
endif()

file(STRINGS ${FILE} parts REGEX "^#ifdef BAD_")
if(NOT parts)
  message(FATAL_ERROR "${FILE} has no line '#ifdef BAD_NAME  // error: REGEX'")
endif()
foreach(part IN LISTS parts)
  if(NOT part MATCHES "^#ifdef (BAD_[A-Z0-9_]+)  // error: (.+)$")
    message(FATAL_ERROR "${FILE}: not of the form '#ifdef BAD_NAME  // error: REGEX': ${part}")
  endif()
  set(name ${CMAKE_MATCH_1})
  set(reason ${CMAKE_MATCH_2})
  compile(result output -D${name})
  if(result EQUAL 0)
    message(FATAL_ERROR "${FILE} compiles with ${name}")
  endif()
  if(NOT output MATCHES "${reason}")
    message(FATAL_ERROR "${FILE} with ${name} fails, but not for '${reason}':\n${output}")
  endif()
endforeach()
