<?php

declare(strict_types=1);

namespace Interdict;

/**
 * JSON as the module reads and writes it.
 *
 * @internal
 */
final class Json
{
    /** Deeper than any answer of the module is nested. */
    private const DEPTH = 64;
    private const AS_WRITTEN = JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
        | JSON_UNESCAPED_LINE_TERMINATORS;

    /**
     * Reads an object. A number of more than 64 bits stays text, so that no digit is lost.
     *
     * @return array<string, mixed>
     * @throws InterdictException `answer`
     */
    public static function read(string $json): array
    {
        try {
            $value = \json_decode($json, true, self::DEPTH, JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
        } catch (\JsonException $error) {
            throw new InterdictException(ErrorKind::Answer, 'an answer is not JSON', null, $error);
        }
        if (!\is_array($value)) {
            throw new InterdictException(ErrorKind::Answer, 'an answer is no JSON object');
        }
        return $value;
    }

    /**
     * Writes what the module is to be asked. Text is taken as it is.
     *
     * @param array<string, mixed>|object|string $message
     * @throws InterdictException `invalid`
     */
    public static function write(array|object|string $message): string
    {
        if (\is_string($message)) {
            return $message;
        }
        if ($message === []) {
            return '{}';
        }
        try {
            return \json_encode($message, self::AS_WRITTEN | JSON_PRESERVE_ZERO_FRACTION);
        } catch (\JsonException $error) {
            throw new InterdictException(ErrorKind::Invalid, 'the message cannot be written as JSON', null, $error);
        }
    }

    /**
     * The JSON of a member, written as the module writes it; null if it is not there. Objects are read as
     * objects, so that an empty one does not become an array.
     */
    public static function member(string $json, string ...$names): ?string
    {
        $value = \json_decode($json, false, self::DEPTH, JSON_THROW_ON_ERROR);
        foreach ($names as $name) {
            $value = $value->$name ?? null;
        }
        return $value === null ? null : \json_encode($value, self::AS_WRITTEN);
    }
}
