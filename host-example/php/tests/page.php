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
$gateway = Gateway::kept(__DIR__ . '/state', ['required' => ['se' => ['se/merchants']]]);
$changed = ($_SERVER['QUERY_STRING'] ?? '') === 'reload' ? $gateway->reloadIfChanged() : null;
$verdict = $gateway->screen(['flow' => 'payout', 'identifiers' => [['kind' => 'domain', 'value' => 'bücher.example']]]);
echo json_encode([
    'process' => getmypid(),
    'open' => $open,
    'changed' => $changed,
    'listed' => $verdict->action->value,
    'because' => $verdict->because,
    'doubts' => $gateway->status()['coalitions'][0]['doubts'],
]);
