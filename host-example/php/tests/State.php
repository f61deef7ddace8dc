<?php

declare(strict_types=1);

namespace Interdict\Tests;

/** State directories of tests, made from fixtures/generation. */
final class State
{
    public const FIXTURES = __DIR__ . '/../../../fixtures';
    /** 2026-11-02T06:00:00Z, when the lists of the fixtures are fresh. */
    public const NOW = 1_793_599_200;
    public const POLICY = ['required' => ['se' => ['se/merchants']]];
    private const HISTORY = 'interdict-history-1 se verified=1793599200 polled=1793599200 root=1 timestamp=2 '
        . 'snapshot=2 targets=2 se/merchants=2 check=00ce21a04658b60179c6c44528a5c2e8';

    /** A directory with the second release of the sample. */
    public static function loaded(): string
    {
        $state = self::folder();
        \mkdir("$state/se/generation-1", 0700, true);
        foreach (\glob(self::FIXTURES . '/generation/files/*') ?: [] as $file) {
            \copy($file, "$state/se/generation-1/" . \basename($file));
        }
        self::write("$state/se/enrolment.json", self::enrolment());
        self::write("$state/se/history", self::HISTORY);
        self::write("$state/se/current", "1\n");
        self::write("$state/receipt.key", \str_repeat('5e', 32) . "\n");
        return $state;
    }

    /** A copy of a directory. */
    public static function copy(string $from): string
    {
        $to = self::folder();
        $files = new \RecursiveIteratorIterator(
            new \RecursiveDirectoryIterator($from, \FilesystemIterator::SKIP_DOTS),
            \RecursiveIteratorIterator::SELF_FIRST,
        );
        foreach ($files as $file) {
            $place = "$to/" . $files->getSubPathname();
            $file->isDir() ? \mkdir($place, 0700) : \copy((string) $file, $place);
        }
        return $to;
    }

    /** An empty place, removed when the process ends. */
    public static function folder(): string
    {
        $folder = \sys_get_temp_dir() . '/interdict-' . \bin2hex(\random_bytes(8));
        \mkdir($folder, 0700);
        $process = \getmypid();
        \register_shutdown_function(static function () use ($folder, $process): void {
            if (\getmypid() === $process) {
                self::remove($folder);
            }
        });
        return $folder;
    }

    /** Enrolment of the fixtures; with another repository, if one is given. */
    public static function enrolment(?string $repository = null): string
    {
        $text = (string) \file_get_contents(self::FIXTURES . '/generation/enrolment.json');
        if ($repository === null) {
            return $text;
        }
        $enrolment = \json_decode($text, true, 64, JSON_THROW_ON_ERROR);
        return \json_encode(['repository' => $repository] + $enrolment, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
    }

    public static function request(string $domain, string $flow = 'payout'): array
    {
        return ['flow' => $flow, 'identifiers' => [['kind' => 'domain', 'value' => $domain]]];
    }

    public static function write(string $file, string $text): void
    {
        \file_put_contents($file, $text);
        \chmod($file, 0600);
    }

    private static function remove(string $folder): void
    {
        foreach (\is_dir($folder) ? (\scandir($folder) ?: []) : [] as $name) {
            if ($name === '.' || $name === '..') {
                continue;
            }
            $path = "$folder/$name";
            \is_dir($path) && !\is_link($path) ? self::remove($path) : \unlink($path);
        }
        @\rmdir($folder); // a test may have moved it
    }
}
