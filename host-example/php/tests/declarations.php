<?php

declare(strict_types=1);

// Makes interdict_host.ffi.h from the C library's header: what stands between its two `#pragma` lines, without
// comments and attributes, because FFI::cdef has no preprocessor. php tests/declarations.php C-HEADER [--write]

namespace Interdict\Tests;

function declarations(string $header): string
{
    $parts = \preg_split('/^#pragma .*$/m', $header);
    if ($parts === false || \count($parts) !== 3) {
        throw new \RuntimeException('the header has not two #pragma lines');
    }
    $code = \preg_replace(['~/\*.*?\*/~s', '~[ \t]+$~m', '~\n{3,}~'], ['', '', "\n\n"], $parts[1]);
    if (\preg_match('/^\s*#|__attribute__/m', $code) === 1) {
        throw new \RuntimeException('the header has a macro between its #pragma lines');
    }
    $about = "/* Made from interdict_host.h by tests/declarations.php. Do not edit. */\n";
    return $about . \preg_replace('~\n\s*\n~', "\n", $code);
}

if (\realpath($argv[0] ?? '') === __FILE__) {
    $text = declarations((string) \file_get_contents($argv[1]));
    $file = \dirname(__DIR__) . '/interdict_host.ffi.h';
    if (($argv[2] ?? '') === '--write') {
        \file_put_contents($file, $text);
    } elseif (\file_get_contents($file) !== $text) {
        \fwrite(STDERR, "interdict_host.ffi.h is not made from this header; run it with --write\n");
        exit(1);
    }
}
