<?php

declare(strict_types=1);

namespace Interdict\Tests;

use PHPUnit\Framework\TestCase;

/** Web requests under PHP-FPM, with `ffi.enable` at its default, `preload`. Needs php-fpm and cgi-fcgi. */
final class FpmTest extends TestCase
{
    private string $room;
    /** @var resource|null */
    private mixed $server = null;

    protected function tearDown(): void
    {
        if ($this->server !== null) {
            \proc_terminate($this->server);
            \proc_close($this->server);
        }
    }

    public function testAWorkerKeepsItsGatewayFromRequestToRequest(): void
    {
        $this->serve([], 'env[INTERDICT_LIBRARY] = "$room/libinterdict-host.so"');
        $this->assertKeptAndReloaded();
    }

    public function testTheHeaderMayBePreloaded(): void
    {
        $this->serve(['-d', 'ffi.preload=$room/interdict.h'], '');
        self::assertFalse($this->ask()['other'], 'no script names another library');
        $this->assertKeptAndReloaded();
    }

    private function assertKeptAndReloaded(): void
    {
        $first = $this->ask();
        self::assertSame(['block', 'record'], [$first['listed'], $first['because']]);
        self::assertFalse($first['open'], 'other code may not use FFI');
        \rename("{$this->room}/state/se", "{$this->room}/hidden");
        $second = $this->ask();
        self::assertSame([$first['process'], 'block'], [$second['process'], $second['listed']], 'loaded once a worker');
        self::assertTrue($second['stayed'], 'the library stays where the gateway expects it');
        \rename("{$this->room}/hidden", "{$this->room}/state/se");
        \unlink("{$this->room}/state/se/history");
        $third = $this->ask('reload');
        self::assertSame([$first['process'], true, ['no_history']], [$third['process'], $third['changed'], $third['doubts']]);
        self::assertFalse($this->ask('reload')['changed']);
        self::assertNotSame($first['policy'], $this->ask('other')['policy'], 'opened anew for another policy');
        self::assertSame($first['policy'], $this->ask()['policy']);
    }

    private function serve(array $arguments, string $setting): void
    {
        $fpm = $this->program('php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION) ?? $this->program('php-fpm');
        if ($fpm === null || $this->program('cgi-fcgi') === null) {
            self::markTestSkipped('php-fpm or cgi-fcgi is missing');
        }
        $this->room = State::folder();
        $this->furnish();
        $user = \posix_geteuid() === 0 ? "user = www-data\n" : '';
        $configuration = "[global]\nerror_log = \$room/log\n[shop]\n{$user}listen = \$room/socket\npm = static\n"
            . "pm.max_children = 1\n$setting\n";
        State::write("{$this->room}/fpm.conf", \str_replace('$room', $this->room, $configuration));
        $arguments[] = '-d';
        $arguments[] = 'opcache.preload=$room/package/preload.php';
        if ($user !== '') {
            \array_push($arguments, '-d', 'opcache.preload_user=www-data');
        }
        $command = [$fpm, '-n', '-F', '-y', '$room/fpm.conf', '-d', 'zend_extension=opcache', '-d', 'extension=ffi',
            '-d', 'extension=posix', '-d', 'opcache.enable=1', ...$arguments];
        $command = \str_replace('$room', $this->room, $command);
        $this->server = \proc_open($command, [['pipe', 'r'], ['file', "{$this->room}/out", 'w'], ['redirect', 1]], $pipes);
        for ($wait = 0; !\file_exists("{$this->room}/socket"); $wait++) {
            self::assertLessThan(500, $wait, (string) @\file_get_contents("{$this->room}/log"));
            \usleep(20_000);
        }
    }

    /** Everything that a worker reads, where the user of the workers can read it. */
    private function furnish(): void
    {
        $package = \dirname(__DIR__);
        \mkdir("{$this->room}/package/src", 0755, true);
        foreach (\glob("$package/src/*.php") ?: [] as $file) {
            \copy($file, "{$this->room}/package/src/" . \basename($file));
        }
        \copy("$package/preload.php", "{$this->room}/package/preload.php");
        \copy("$package/interdict_host.ffi.h", "{$this->room}/package/interdict_host.ffi.h");
        \copy((string) \getenv('INTERDICT_LIBRARY'), "{$this->room}/libinterdict-host.so");
        \rename(State::loaded(), "{$this->room}/state");
        \copy(__DIR__ . '/page.php', "{$this->room}/page.php");
        State::write("{$this->room}/interdict.h", \Interdict\Library::header("{$this->room}/libinterdict-host.so"));
        if (\posix_geteuid() === 0) {
            foreach ([$this->room, ...self::below($this->room)] as $path) {
                \chown($path, 'www-data');
            }
        }
    }

    private function ask(string $query = ''): array
    {
        $environment = ['SCRIPT_FILENAME' => "{$this->room}/page.php", 'REQUEST_METHOD' => 'GET', 'QUERY_STRING' => $query];
        $command = ['cgi-fcgi', '-bind', '-connect', "{$this->room}/socket"];
        $client = \proc_open($command, [['pipe', 'r'], ['pipe', 'w']], $pipes, null, $environment + \getenv());
        \fclose($pipes[0]);
        $answer = (string) \stream_get_contents($pipes[1]);
        \proc_close($client);
        [, $body] = \explode("\r\n\r\n", $answer, 2) + [1 => ''];
        $told = \json_decode($body, true);
        self::assertIsArray($told, $answer . @\file_get_contents("{$this->room}/log"));
        return $told;
    }

    private function program(string $name): ?string
    {
        foreach ([...\explode(':', (string) \getenv('PATH')), '/usr/sbin'] as $folder) {
            if (\is_executable("$folder/$name")) {
                return "$folder/$name";
            }
        }
        return null;
    }

    /** @return list<string> */
    private static function below(string $folder): array
    {
        $paths = [];
        foreach (new \RecursiveIteratorIterator(
            new \RecursiveDirectoryIterator($folder, \FilesystemIterator::SKIP_DOTS),
            \RecursiveIteratorIterator::SELF_FIRST,
        ) as $path => $file) {
            $paths[] = (string) $path;
        }
        return $paths;
    }
}
