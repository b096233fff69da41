# SPDX-License-Identifier: Apache-2.0
# Bare-metal Cortex-M3: the smallest processor that core is held to.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m3)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)  # There is no start-up code to link with.
# -Wno-psabi: a note for those who link with what g++ 6 compiled.
string(JOIN " " CMAKE_CXX_FLAGS_INIT -mcpu=cortex-m3 -mthumb -Os -fno-exceptions -fno-rtti
       -fno-threadsafe-statics -ffunction-sections -fdata-sections -Wno-psabi
       -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
       -ffile-prefix-map=${CMAKE_BINARY_DIR}/headers/takt/=)
