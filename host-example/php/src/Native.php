<?php

declare(strict_types=1);

namespace Interdict;

use FFI;
use FFI\CData;

/**
 * Options and texts as the C library takes them. Whatever a pointer leads to lives as long as this object.
 *
 * @internal
 */
final class Native
{
    public readonly CData $options;

    /** @var list<CData> */
    private array $held = [];

    public function __construct(private readonly Library $library, ?string $policy, Options $options)
    {
        $native = $library->c->new('struct interdict_options');
        $library->c->interdict_options_init(FFI::addr($native));
        if ($policy !== null) {
            $this->point($native->policy, $policy);
        }
        $native->workers = $options->workers;
        $native->receipts = match ($options->receipts) {
            Receipts::Always => 0,
            Receipts::Findings => 1,
            Receipts::Never => 2,
        };
        $enrolments = \array_map(Json::write(...), \array_values($options->enrolments));
        [$native->enrolments, $native->enrolment_count] = $this->texts($enrolments);
        $private = \is_array($options->allowPrivate) ? \array_values($options->allowPrivate) : [];
        [$native->allow_private, $native->allow_private_count] = $this->texts($private);
        $native->allow_private_all = $options->allowPrivate === true ? 1 : 0;
        $native->patience_connect = (int) \ceil($options->connect * 1000);
        $native->patience_response = (int) \ceil($options->response * 1000);
        $native->patience_file = (int) \ceil($options->file * 1000);
        $native->patience_refresh = (int) \ceil($options->refresh * 1000);
        if ($options->clock !== null) {
            $native->clock = $library->clock();
        }
        $this->options = $native;
    }

    /**
     * @param  list<string> $texts
     * @return array{CData|null, int}
     */
    private function texts(array $texts): array
    {
        if ($texts === []) {
            return [null, 0];
        }
        $array = $this->library->c->new('struct interdict_text[' . \count($texts) . ']');
        $this->held[] = $array;
        foreach ($texts as $index => $text) {
            $this->point($array[$index], $text);
        }
        return [FFI::addr($array[0]), \count($texts)];
    }

    /** Copies a text to where C finds it. An empty one has a byte, because C has no arrays of none. */
    private function point(CData $target, string $text): void
    {
        $bytes = $this->library->c->new('char[' . \max(1, \strlen($text)) . ']');
        FFI::memcpy($bytes, $text, \strlen($text));
        $this->held[] = $bytes;
        $target->data = FFI::addr($bytes[0]);
        $target->length = \strlen($text);
    }
}
