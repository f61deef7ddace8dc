<?php

declare(strict_types=1);

namespace Interdict;

/** How a gateway is opened. Every option has a default. */
final class Options
{
    /**
     * @param list<array<string, mixed>|string> $enrolments   enrolment files, as arrays or their text; each is
     *     enrolled first if the state directory lacks its coalition
     * @param int                               $workers      instances in the pool. One is enough: a PHP process
     *     serves one request at a time, and a screening takes microseconds
     * @param Receipts                          $receipts     which answers carry a receipt
     * @param (callable(string, Verdict|Refusal): void)|null $onReceipt gets each receipt's JSON and what it is about,
     *     after the call. What it throws goes to the caller, and the gateway goes on
     * @param list<string>|bool                 $allowPrivate coalitions whose repository may be on this machine or
     *     in a private network; true: all
     * @param (callable(): int)|null            $clock        the time in seconds since 1970, if not the system's. A
     *     clock that stands still makes every verdict doubt it
     * @param float                             $connect      seconds of a refresh to wait for a connection
     * @param float                             $response     seconds until an answer begins
     * @param float                             $file         seconds for one file
     * @param float                             $refresh      seconds for one coalition
     * @param string|null                       $library      the C library's file; see Library
     */
    public function __construct(
        public readonly array $enrolments = [],
        public readonly int $workers = 1,
        public readonly Receipts $receipts = Receipts::Always,
        public readonly mixed $onReceipt = null,
        public readonly array|bool $allowPrivate = false,
        public readonly mixed $clock = null,
        public readonly float $connect = 10,
        public readonly float $response = 10,
        public readonly float $file = 60,
        public readonly float $refresh = 600,
        public readonly ?string $library = null,
    ) {
        if ($workers < 1 || $workers > 64) {
            throw new InterdictException(ErrorKind::Invalid, 'workers are 1 to 64');
        }
        foreach ([$connect, $response, $file, $refresh] as $seconds) {
            if (!($seconds > 0 && $seconds < 4_000_000)) {
                throw new InterdictException(ErrorKind::Invalid, 'a time limit is above 0 and below 4 million seconds');
            }
        }
        if (isset($enrolments['coalition']) || isset($enrolments['root'])) {
            throw new InterdictException(ErrorKind::Invalid, 'enrolments are a list of enrolment files');
        }
        foreach ([$onReceipt, $clock] as $function) {
            if ($function !== null && !\is_callable($function)) {
                throw new InterdictException(ErrorKind::Invalid, 'onReceipt and clock are functions');
            }
        }
    }
    /**
     * Tells apart what a kept gateway was opened with.
     *
     * @internal
     */
    public function digest(?string $policy): string
    {
        $choices = [$policy, $this->enrolments, $this->workers, $this->receipts, $this->allowPrivate, $this->connect,
            $this->response, $this->file, $this->refresh, $this->library];
        return \hash('sha256', \json_encode($choices, JSON_THROW_ON_ERROR));
    }
}
