<?php

declare(strict_types=1);

namespace Interdict\Tests;

use Interdict\Action;
use Interdict\ErrorKind;
use Interdict\Flow;
use Interdict\Gateway;
use Interdict\Instance;
use Interdict\InterdictException;
use Interdict\Library;
use Interdict\Options;
use PHPUnit\Framework\TestCase;

final class LibraryTest extends TestCase
{
    use Kinds;

    private const HEADER = __DIR__ . '/../../c/include/interdict_host.h';

    public function testTheDeclarationsAreThoseOfTheHeader(): void
    {
        $made = declarations((string) \file_get_contents(self::HEADER));
        self::assertSame($made, \file_get_contents(__DIR__ . '/../interdict_host.ffi.h'), 'see tests/declarations.php');
    }

    public function testTheErrorWordsAreThoseOfTheLibrary(): void
    {
        $kinds = [];
        for ($number = -100001; ($word = Library::load()->c->interdict_error_word($number)) !== 'unknown'; $number--) {
            $kinds[] = $word;
        }
        $known = \array_column(ErrorKind::cases(), 'value');
        self::assertSame(['library'], \array_values(\array_diff($known, $kinds)));
        self::assertSame([], \array_diff($kinds, $known));
    }

    public function testAMissingOrForeignLibraryIsAnError(): void
    {
        $this->assertKind(ErrorKind::Library, static fn () => Library::load('/nowhere/libinterdict-host.so'));
        $this->assertKind(ErrorKind::Library, static fn () => Library::load('libc.so.6'));
        $options = new Options(library: 'libm.so.6');
        $this->assertKind(ErrorKind::Library, static fn () => Gateway::open(State::loaded(), null, $options));
    }

    public function testTheModuleRunsCompiledAndSaysItsDigest(): void
    {
        self::assertMatchesRegularExpression('/^[0-9a-f]{64}$/', Library::load()->moduleSha256());
        self::assertStringContainsString('wasm2c', Library::load()->runtime());
        $module = __DIR__ . '/../../../wasm/dist/interdict.wasm';
        self::assertSame(\hash_file('sha256', $module), Library::load()->moduleSha256());
    }

    public function testAPathThatCannotBeInAHeaderIsRefused(): void
    {
        self::assertStringContainsString('#define FFI_LIB "/opt/x.so"', Library::header('/opt/x.so'));
        $this->assertKind(ErrorKind::Invalid, static fn () => Library::header("/opt/\"\n#define X"));
    }

    public function testAnInstanceAnswersAndItsCopyToo(): void
    {
        $instance = Instance::make();
        $told = \json_decode($instance->call('describe', []), true);
        self::assertArrayHasKey('kinds', $told);
        self::assertSame('{"coalitions":[]}', $instance->copy()->call('state', '{}', State::NOW));
        self::assertSame(60, $instance->verdict());
        $this->assertKind(ErrorKind::Invalid, static fn () => $instance->call('alloc', '{}'));
        $instance->close();
        $this->assertKind(ErrorKind::Closed, static fn () => $instance->call('state', '{}'));
        self::assertSame(60, $instance->verdict());
    }

    public function testAnAnswerLargerThanTheBufferIsWhole(): void
    {
        $lines = \str_repeat("x\n", 2000);
        $answer = Instance::make()->call('screen_batch', $lines, State::NOW);
        self::assertSame(2000, \substr_count($answer, '"json_syntax"'));
    }

    public function testTheDoorsAreThoseOfTheLibrary(): void
    {
        $words = ['pass' => 1, 'hold' => 2, 'refuse' => 3, 'not_screened' => -100009];
        $c = Library::load()->c;
        foreach (Action::cases() as $action) {
            foreach (Flow::cases() as $flow) {
                foreach ([null, 'record', 'candidate', 'late', 'records'] as $because) {
                    foreach ([true, false] as $holds) {
                        $about = [$action->value, $because, $flow->value, $holds];
                        try {
                            $ours = Gateway::decision(...$about)->value;
                        } catch (InterdictException $error) {
                            $ours = $error->kind->value;
                        }
                        $texts = [$action->value, \strlen($action->value), $because ?? '', \strlen($because ?? '')];
                        $door = [$flow->value, \strlen($flow->value), (int) $holds, null];
                        $theirs = $c->interdict_decide(...$texts, ...$door);
                        self::assertSame($theirs, $words[$ours], \json_encode($about));
                    }
                }
            }
        }
    }
}
