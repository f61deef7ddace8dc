<?php

declare(strict_types=1);

namespace Interdict;

/**
 * Requests as lines.
 *
 * @internal
 */
final class Lines
{
    /**
     * @param iterable<array<string, mixed>|string>|string $requests
     * @return array{string, int} lines, each ended by a line feed, and how many
     * @throws InterdictException `invalid`
     */
    public static function of(iterable|string $requests): array
    {
        if (\is_string($requests)) {
            $ended = $requests === '' || \str_ends_with($requests, "\n");
            return [$requests . ($ended ? '' : "\n"), \substr_count($requests, "\n") + ($ended ? 0 : 1)];
        }
        $lines = [];
        foreach ($requests as $request) {
            $line = Json::write($request);
            if (\str_contains($line, "\n")) {
                throw new InterdictException(ErrorKind::Invalid, 'a request of a batch has no line feed');
            }
            $lines[] = $line . "\n";
        }
        return [\implode('', $lines), \count($lines)];
    }
}
