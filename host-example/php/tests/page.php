<?php

declare(strict_types=1);

// The page that FpmTest asks for. The classes were preloaded.

use Interdict\Gateway;

try {
    FFI::cdef('int getpid(void);');
    $open = true;
} catch (FFI\Exception) {
    $open = false;
}
$stayed = str_contains((string) file_get_contents('/proc/self/maps'), __DIR__ . '/libinterdict-host.so');
try {
    Interdict\Library::load(__DIR__ . '/libinterdict-host.so');
    $other = true;
} catch (Interdict\InterdictException) {
    $other = false;
}
$asked = $_SERVER['QUERY_STRING'] ?? '';
$policy = $asked === 'other' ? ['without_lists' => true] : ['required' => ['se' => ['se/merchants']]];
$gateway = Gateway::kept(__DIR__ . '/state', $policy);
$changed = $asked === 'reload' ? $gateway->reloadIfChanged() : null;
$verdict = $gateway->screen(['flow' => 'payout', 'identifiers' => [['kind' => 'domain', 'value' => 'bücher.example']]]);
echo json_encode([
    'process' => getmypid(),
    'open' => $open,
    'other' => $other,
    'stayed' => $stayed,
    'changed' => $changed,
    'listed' => $verdict->action->value,
    'because' => $verdict->because,
    'policy' => $verdict->members()['policy'],
    'doubts' => $gateway->status()['coalitions'][0]['doubts'],
]);
