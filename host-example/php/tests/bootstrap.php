<?php

declare(strict_types=1);

require __DIR__ . '/declarations.php';
require __DIR__ . '/Kinds.php';
require __DIR__ . '/State.php';
\spl_autoload_register(static function (string $class): void {
    $file = \dirname(__DIR__) . '/src/' . \substr($class, \strlen('Interdict\\')) . '.php';
    if (\str_starts_with($class, 'Interdict\\') && \is_file($file)) {
        require $file;
    }
});
