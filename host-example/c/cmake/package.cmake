# The source package, as a folder: cmake [-DINTERDICT_WASM2C=PROGRAM] [-DINTERDICT_WASM2C_RUNTIME=FOLDER] -P package.cmake FOLDER
# It has the licences, the module, and in `generated` the module as wasm2c translates it, so whoever builds it needs no wasm2c.
cmake_minimum_required(VERSION 3.22)
math(EXPR last "${CMAKE_ARGC} - 1")
get_filename_component(folder ${CMAKE_ARGV${last}} ABSOLUTE)
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
get_filename_component(root ${source}/../.. ABSOLUTE)
file(REMOVE_RECURSE ${folder} ${folder}.build)
file(COPY ${source}/CMakeLists.txt ${source}/README.md ${source}/cmake ${source}/include ${source}/src ${source}/tools
     ${root}/LICENSE-MIT ${root}/LICENSE-APACHE DESTINATION ${folder})
file(COPY ${root}/wasm/dist/interdict.wasm ${root}/wasm/dist/interdict.h DESTINATION ${folder}/module)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${folder} -B ${folder}.build -DINTERDICT_CURL=OFF
                -DINTERDICT_WASM2C=${INTERDICT_WASM2C} -DINTERDICT_WASM2C_RUNTIME=${INTERDICT_WASM2C_RUNTIME}
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(COPY ${folder}.build/interdict-generated/builtin ${folder}.build/interdict-generated/runtime
     DESTINATION ${folder}/generated PATTERN names.h EXCLUDE)
file(WRITE ${folder}/generated/README "Made by wasm2c of WABT from module/interdict.wasm: `builtin/made` has its version and the SHA-256 of the
module. `runtime/wasm-rt.h` is WABT's, and so are the parts of `builtin` that are the same for every module. WABT:
Copyright WebAssembly Community Group participants, Apache License 2.0 (LICENSE-APACHE).\n")
file(REMOVE_RECURSE ${folder}.build)
