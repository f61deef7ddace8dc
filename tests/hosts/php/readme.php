<?php

declare(strict_types=1);

// Writes the code blocks of a README into files: php readme.php README FOLDER. A block's second word is its file;
// those of `sh` are one script, install.sh.

[, $readme, $folder] = $argv;
\preg_match_all('/^```(\w+) ?(\S*)\n(.*?)^```$/ms', (string) \file_get_contents($readme), $blocks, PREG_SET_ORDER);
foreach ($blocks as [, $language, $name, $code]) {
    $name = $language === 'sh' ? 'install.sh' : $name;
    if ($name !== '') {
        \file_put_contents("$folder/$name", $code, FILE_APPEND);
    }
}
