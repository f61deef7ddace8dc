<?php

declare(strict_types=1);

// For `opcache.preload`: the classes of this package, which may then use FFI in web requests while `ffi.enable` keeps
// its default, `preload`, and no other code may (README.md, PHP-FPM).

foreach (\glob(__DIR__ . '/src/*.php') ?: [] as $file) {
    require_once $file;
}
