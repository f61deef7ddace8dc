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
        if (\is_array($requests) && (isset($requests['flow']) || isset($requests['identifiers']))) {
            throw new InterdictException(ErrorKind::Invalid, 'a batch is a list of requests; screen() takes one');
        }
        $lines = [];
        foreach ($requests as $request) {
            if (!\is_array($request) && !\is_object($request) && !\is_string($request)) {
                throw new InterdictException(ErrorKind::Invalid, 'a request is an array, or its JSON');
            }
            // A line feed would make two of it. To JSON a carriage return is the same: space, and not allowed in a string.
            $lines[] = \str_replace("\n", "\r", Json::write($request)) . "\n";
        }
        return [\implode('', $lines), \count($lines)];
    }
}
