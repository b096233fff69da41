# SPDX-License-Identifier: Apache-2.0
# Called with -DTAKT=FILE -DPROGRAM=FILE -DSOURCE=FILE -DOPTIONS=WORDS: what PROGRAM writes is the
# trace of takt playing SOURCE in virtual time, with those options.
separate_arguments(OPTIONS)
execute_process(COMMAND ${PROGRAM} OUTPUT_FILE ${PROGRAM}.csv COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${TAKT} play ${SOURCE} --virtual --trace ${PROGRAM}-played.csv ${OPTIONS}
                OUTPUT_QUIET ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${PROGRAM}.csv ${PROGRAM}-played.csv
                COMMAND_ERROR_IS_FATAL ANY)
