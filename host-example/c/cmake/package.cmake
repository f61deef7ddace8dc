# The source package: cmake -P package.cmake FILE.tar.gz. It has the module and the licences in it.
cmake_minimum_required(VERSION 3.22)
math(EXPR last "${CMAKE_ARGC} - 1")
set(file ${CMAKE_ARGV${last}})
get_filename_component(file ${file} ABSOLUTE)
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)
get_filename_component(root ${source}/../.. ABSOLUTE)
set(room ${file}.room)
file(REMOVE_RECURSE ${room})
file(COPY ${source}/CMakeLists.txt ${source}/README.md ${source}/cmake ${source}/include ${source}/src ${source}/tools
     ${root}/LICENSE-MIT ${root}/LICENSE-APACHE DESTINATION ${room}/interdict-host)
file(COPY ${root}/wasm/dist/interdict.wasm ${root}/wasm/dist/interdict.h DESTINATION ${room}/interdict-host/module)
execute_process(COMMAND ${CMAKE_COMMAND} -E tar czf ${file} interdict-host WORKING_DIRECTORY ${room} COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE ${room})
