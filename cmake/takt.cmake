# SPDX-License-Identifier: Apache-2.0
# What the CMakeLists.txt of the modules are written in.

# Bare metal and fuzzing builds hold libraries only: no tests, no programs. The lint looks at what
# ships: reading GoogleTest for each test takes it longer than all the rest.
string(COMPARE EQUAL "${CMAKE_SYSTEM_NAME}" Generic TAKT_BARE_METAL)
set(TAKT_TESTS ON)
if(TAKT_BARE_METAL OR TAKT_FUZZ OR TAKT_LINT)
  set(TAKT_TESTS OFF)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

# What can be included from outside is reached as "takt/core/...", "takt/ports/...", whatever the
# folder of the tree is called.
set(TAKT_HEADERS ${PROJECT_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${TAKT_HEADERS}/takt)
foreach(folder core ports app firmware)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${TAKT_HEADERS}/takt/${folder} SYMBOLIC)
endforeach()

# An interface target, so that only our own code is held to these warnings.
add_library(takt_options INTERFACE)
target_include_directories(takt_options INTERFACE ${PROJECT_SOURCE_DIR} ${TAKT_HEADERS})
# -Wno-sign-conversion: what g++ means by -Wconversion, for clang too.
target_compile_options(takt_options INTERFACE
                       -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Werror)

if(TAKT_SANITIZE)
  # vptr checks need the RTTI that core is built without.
  add_compile_options(-fsanitize=${TAKT_SANITIZE} -fno-sanitize-recover=all -fno-sanitize=vptr
                      -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    add_compile_options(-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/ubsan.ignore)
  endif()
  add_link_options(-fsanitize=${TAKT_SANITIZE})
endif()

if(TAKT_LINT)
  # The build tool decides what is to be read again; objects, libraries and programs are but marks.
  set(CMAKE_CXX_COMPILE_OBJECT "${PROJECT_SOURCE_DIR}/scripts/lint <SOURCE> <OBJECT> \
<CMAKE_CXX_COMPILER> <DEFINES> <INCLUDES> <FLAGS>")
  set(CMAKE_CXX_CREATE_STATIC_LIBRARY "${CMAKE_COMMAND} -E touch <TARGET>")
  set(CMAKE_CXX_LINK_EXECUTABLE "${CMAKE_COMMAND} -E touch <TARGET>")
endif()

if(TAKT_TESTS)
  find_package(GTest REQUIRED)
  find_package(Threads REQUIRED)
  # Read once for all tests: for most of them it would take longer than the rest.
  file(CONFIGURE OUTPUT gtest.cc CONTENT "")
  add_library(takt_gtest OBJECT ${CMAKE_CURRENT_BINARY_DIR}/gtest.cc)
  target_link_libraries(takt_gtest PRIVATE takt_options GTest::gmock)
  target_precompile_headers(takt_gtest PRIVATE <gtest/gtest.h> <gmock/gmock.h>)
endif()

# RapidJSON alone: with all of /usr/include on the path, a cross build would find the host's libc.
find_path(TAKT_RAPIDJSON rapidjson/reader.h PATHS /usr/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include)
file(CREATE_LINK ${TAKT_RAPIDJSON}/rapidjson ${CMAKE_BINARY_DIR}/include/rapidjson SYMBOLIC)
add_library(rapidjson INTERFACE)
target_include_directories(rapidjson SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/include)

# Optimized, and across files where the program linked asks for it with -flto.
function(takt_optimize_at_link name)
  if(TAKT_LTO)
    target_compile_options(${name} PRIVATE -O3 -flto=auto -ffat-lto-objects)
  endif()
endfunction()

# takt_library(NAME SOURCES ... DEPS ...): a static library. Under core/ it is built as for a
# device: without exceptions and RTTI. A library of headers alone has no SOURCES.
function(takt_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  if(NOT arg_SOURCES)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE takt_options ${arg_DEPS})
    return()
  endif()
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC takt_options ${arg_DEPS})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
             OUTPUT_VARIABLE folder)
  if(folder MATCHES "^core/")
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
    takt_optimize_at_link(${name})
  endif()
  if(TAKT_BARE_METAL)
    target_compile_options(${name} PRIVATE -fcallgraph-info=su)  # For scripts/compliance.
    # All else is made small there; this runs for every event.
    if(folder MATCHES "^(core/(engine|playback)|app/playback|ports|bench)")
      target_compile_options(${name} PRIVATE -O2)
    endif()
  endif()
  set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ${TAKT_FUZZ})
endfunction()

# takt_executable(NAME SOURCES ... DEPS ...)
function(takt_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE takt_options ${arg_DEPS})
  set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ${TAKT_FUZZ})
endfunction()

# takt_test(NAME SOURCES ... DEPS ... [SHARDS N]): one GoogleTest program, one entry of ctest, or N
# that share its tests and may run at a time. It runs in the root of the tree, so "examples/..." can
# be opened.
function(takt_test name)
  if(NOT TAKT_TESTS)
    return()
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
             OUTPUT_VARIABLE folder)
  if(TAKT_SANITIZE STREQUAL thread AND
     folder MATCHES "^core/(bus|engine|json|pattern|program|sync)$")
    return()  # One thread has no races.
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SHARDS" "SOURCES;DEPS")
  takt_executable(${name} SOURCES ${arg_SOURCES}
                  DEPS ${arg_DEPS} GTest::gmock GTest::gtest_main Threads::Threads)
  target_precompile_headers(${name} REUSE_FROM takt_gtest)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # g++ 12 warns about its own std::string when that comes from a precompiled header.
    target_compile_options(${name} PRIVATE
                           -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  endif()
  if(TAKT_LTO)
    target_link_options(${name} PRIVATE -fno-lto)  # Tests run for less time than it would take.
  endif()
  set(entries ${name})
  if(arg_SHARDS)
    set(entries)
    foreach(shard RANGE 1 ${arg_SHARDS})
      list(APPEND entries ${name}_${shard})
    endforeach()
  endif()
  list(LENGTH entries total)
  set(index 0)
  foreach(entry IN LISTS entries)
    add_test(NAME ${entry} COMMAND ${name} --gtest_brief=1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    # A program without tests proves nothing, yet GoogleTest calls it a pass.
    set_tests_properties(${entry} PROPERTIES TIMEOUT 300 FAIL_REGULAR_EXPRESSION " 0 tests from"
      ENVIRONMENT
        "GTEST_TOTAL_SHARDS=${total};GTEST_SHARD_INDEX=${index};\
LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")
    math(EXPR index "${index} + 1")
  endforeach()
endfunction()

# takt_fuzz_target(NAME SOURCES ... DEPS ... CORPUS FOLDER [DICTIONARY FILE]): SOURCES define
# LLVMFuzzerTestOneInput.
# The test replays the corpus, here with libFuzzer and in every other build with a plain driver.
function(takt_fuzz_target name)
  if(TAKT_BARE_METAL)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS;DICTIONARY" "SOURCES;DEPS")
  cmake_path(ABSOLUTE_PATH arg_CORPUS)
  set(dictionary)
  if(arg_DICTIONARY)
    cmake_path(ABSOLUTE_PATH arg_DICTIONARY)
    set(dictionary -dict=${arg_DICTIONARY})
  endif()
  if(TAKT_FUZZ)
    add_executable(${name} ${arg_SOURCES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME ${name} COMMAND ${name} -runs=0 ${dictionary} ${arg_CORPUS})
  else()
    add_executable(${name} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cc)
    add_test(NAME ${name} COMMAND ${name} ${arg_CORPUS})
  endif()
  target_link_libraries(${name} PRIVATE takt_options ${arg_DEPS})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# takt_nocompile_test(NAME FILE): FILE compiles as it is, and does not compile with any one of its
# `#ifdef BAD_...` parts, for the reason stated there; see cmake/nocompile.cmake.
function(takt_nocompile_test name file)
  if(NOT TAKT_TESTS OR TAKT_SANITIZE)  # A sanitizer has no say in what compiles.
    return()
  endif()
  cmake_path(ABSOLUTE_PATH file)
  add_test(NAME ${name}
           COMMAND ${CMAKE_COMMAND} -DCXX=${CMAKE_CXX_COMPILER} -DINCLUDE=${TAKT_HEADERS}
                   -DFILE=${file} -P ${PROJECT_SOURCE_DIR}/cmake/nocompile.cmake)
endfunction()
