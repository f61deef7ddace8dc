<?php

declare(strict_types=1);

\spl_autoload_register(static function (string $class): void {
    $file = \dirname(__DIR__, 3) . '/host-example/php/src/' . \substr($class, \strlen('Interdict\\')) . '.php';
    if (\str_starts_with($class, 'Interdict\\') && \is_file($file)) {
        require $file;
    }
});
