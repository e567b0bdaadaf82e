<?php

/*
 * Makes corpus.json: form bodies, and for each of them the tree that PHP's parse_str reads.
 *
 *     php -d max_input_vars=100000 test/corpus/make-corpus.php
 *
 * The output is the same on every run. A case is { name, body, leaves }: `body` is base64, a leaf is the list of keys that
 * leads to a value followed by that value, each in base64, because neither keys nor values need be valid UTF-8. The value of
 * an empty array is null: parse_str makes one where it drops the variable that the array was for.
 *
 * Left out on purpose: what is over PHP's limits (there the decoder answers an error), NUL bytes that are not escaped
 * (parse_str ends the body there, $_POST does not), and bodies with two keys that differ as bytes but not as decoded text.
 */

declare(strict_types=1);

const SEED = 20211;
const RANDOM_CASES = 200;
const MINIMUM_CASES = 400;

// One well-formed character, or else the longest start of one: the unit that the WHATWG decoder replaces by U+FFFD.
const DECODED_UNIT = '/[\x00-\x7F]|[\xC2-\xDF][\x80-\xBF]|\xE0[\xA0-\xBF][\x80-\xBF]|[\xE1-\xEC\xEE\xEF][\x80-\xBF]{2}'
    . '|\xED[\x80-\x9F][\x80-\xBF]|\xF0[\x90-\xBF][\x80-\xBF]{2}|[\xF1-\xF3][\x80-\xBF]{3}|\xF4[\x80-\x8F][\x80-\xBF]{2}'
    . '|(?<invalid>\xE0[\xA0-\xBF]|[\xE1-\xEC\xEE\xEF][\x80-\xBF]|\xED[\x80-\x9F]|\xF0[\x90-\xBF][\x80-\xBF]?'
    . '|[\xF1-\xF3][\x80-\xBF]{1,2}|\xF4[\x80-\x8F][\x80-\xBF]?|[\x80-\xFF])/s';

if ((int) ini_get('max_input_vars') < 100000) {
    fwrite(STDERR, "run me with: php -d max_input_vars=100000 test/corpus/make-corpus.php\n");
    exit(1);
}
// parse_str warns about a crossed limit only where errors are not displayed; a warning must stop this script.
ini_set('display_errors', '0');
ini_set('serialize_precision', '-1');
set_error_handler(function (int $level, string $message): never {
    throw new ErrorException($message, 0, $level);
});
mt_srand(SEED);

function decoded(string $bytes): string
{
    return preg_replace_callback(DECODED_UNIT, fn (array $unit) => isset($unit['invalid']) ? "\u{FFFD}" : $unit[0], $bytes);
}

/** Whether two keys at one level are different bytes but the same text. */
function keysCollide(array $tree): bool
{
    $seen = [];
    foreach ($tree as $key => $value) {
        $text = 'k' . decoded((string) $key);
        if (isset($seen[$text])) {
            return true;
        }
        $seen[$text] = true;
        if (is_array($value) && keysCollide($value)) {
            return true;
        }
    }
    return false;
}

/** @return list<list<?string>> */
function leavesOf(array $tree, array $path = []): array
{
    $leaves = [];
    foreach ($tree as $key => $value) {
        $inner = [...$path, base64_encode((string) $key)];
        if (is_array($value)) {
            array_push($leaves, ...($value === [] ? [[...$inner, null]] : leavesOf($value, $inner)));
        } else {
            $leaves[] = [...$inner, base64_encode($value)];
        }
    }
    return $leaves;
}

final class Corpus
{
    /** @var array<string, array{name: string, body: string, leaves: list<list<?string>>}> by name */
    public array $cases = [];
    /** @var array<string, true> */
    private array $bodies = [];

    public function add(string $name, string $body): bool
    {
        if (isset($this->bodies["b$body"])) {
            return false;
        }
        if (str_contains($body, "\0")) {
            throw new LogicException("$name: has a NUL byte that is not escaped");
        }
        parse_str($body, $tree);
        if (keysCollide($tree)) {
            return false;
        }
        for ($unique = $name, $number = 2; isset($this->cases[$unique]); $number++) {
            $unique = "$name ($number)";
        }
        $this->bodies["b$body"] = true;
        $this->cases[$unique] = ['name' => $unique, 'body' => base64_encode($body), 'leaves' => leavesOf($tree)];
        return true;
    }
}

/** A body or a key as a short printable name. */
function label(string $bytes): string
{
    $short = strlen($bytes) > 44 ? substr($bytes, 0, 41) . '...' : $bytes;
    return preg_replace_callback('/[^\x20-\x7E]/', fn (array $byte) => sprintf('\x%02X', ord($byte[0])), $short);
}

/** `depth` arrays around a value, each below the same key. */
function nested(string $key, mixed $value, int $depth): array
{
    return $depth === 0 ? [$key => $value] : [$key => nested($key, $value, $depth - 1)];
}

function rawBrackets(string $body): string
{
    return strtr($body, ['%5B' => '[', '%5D' => ']', '%5b' => '[', '%5d' => ']']);
}

/** `interests[0]=a&interests[1]=b` as `interests[]=a&interests[]=b`. */
function unindexed(string $body): string
{
    return preg_replace('/%5B\d+%5D(?==|&|$)/', '%5B%5D', $body);
}

function lowerCaseEscapes(string $body): string
{
    return preg_replace_callback('/%[0-9A-F]{2}/', fn (array $escape) => strtolower($escape[0]), $body);
}

$corpus = new Corpus();

// (a) What http_build_query makes of hostile keys and values.

$hostileKeys = [
    'empty' => '', 'space' => ' ', 'spaces around' => '  a b  ', 'tab' => "\t", 'tab first' => "\tname", 'dot' => '.', 'dots' => 'a.b.c',
    'accents' => 'naam é ü ñ', 'combining' => "e\u{301}", 'emoji' => '🎉', 'emoji family' => "👨‍👩‍👧", 'plus' => 'a+b', 'percent' => '100%',
    'escape-like' => 'a%5Bb%5D', 'ampersand' => 'a&b', 'equals' => 'a=b', 'opening bracket' => 'a[b', 'closing bracket' => 'a]b',
    'brackets' => 'a[b]', 'empty brackets' => '[]', 'bracket first' => '[a', 'double quote' => '"', 'single quote' => "o'clock",
    'backslash' => 'a\\b', '__proto__' => '__proto__', 'constructor' => 'constructor', 'prototype' => 'prototype', 'length' => 'length',
    'toString' => 'toString', 'hasOwnProperty' => 'hasOwnProperty', '__defineGetter__' => '__defineGetter__', 'toJSON' => 'toJSON',
    'then' => 'then', 'zero' => '0', 'digits' => '12345', '08' => '08', 'minus five' => '-5', 'minus zero' => '-0', 'plus one' => '+1',
    'fraction' => '1.5', 'exponent' => '1e3', 'huge number' => '18446744073709551616', 'NUL inside' => "a\0b", 'NUL first' => "\0a",
    'NUL only' => "\0", 'CR LF' => "a\r\nb", 'LF first' => "\na", 'long' => str_repeat('long-key ', 30), 'semicolon' => 'a;b',
    'question mark' => 'a?b', 'hash' => 'a#b', 'slash' => 'a/b', 'no-break space' => "\u{A0}a", 'BOM' => "\u{FEFF}a", 'RTL' => "\u{202E}abc",
    'invalid UTF-8' => "a\xFFb", 'Latin-1' => "na\xEFve", 'markup' => '<b>', 'this' => 'this', 'GLOBALS' => 'GLOBALS', 'underscore' => '_',
    'DEL and controls' => "\x01\x1F\x7F",
];
$hostileValues = [
    'empty' => '', 'space' => ' ', 'spaces around' => '  a b  ', 'dot' => '.', 'accents' => 'é ü ñ ß', 'emoji' => '🎉👩🏽‍🚀', 'plus' => '1+1=2',
    'percent' => '100%', 'escape-like' => '%41%zz%', 'double escape' => '%2541', 'form-like' => 'a=1&b[]=2&c', 'brackets' => '[a][b]',
    'quotes' => "\"'`", 'backslash' => '\\n', '__proto__' => '__proto__', 'JSON' => '{"a":[1,null]}', 'XML' => '<a b="c">&amp;</a>',
    'NUL' => "a\0b\0", 'CR LF' => "line one\r\nline two\n\r", 'controls' => "\x01\x08\x0B\x1B\x7F", 'BOM' => "\u{FEFF}text\u{FEFF}",
    'very long' => str_repeat('0123456789 é', 330), 'last code point' => "\u{10FFFF}\u{FFFE}\u{FFFD}", 'invalid UTF-8' => "\xC3(\xA0\xA1\xE2\x28\xA1",
    'Latin-1' => "caf\xE9", 'UTF-16' => "c\0a\0f\0\xE9\0", 'true' => true, 'false' => false, 'null' => null, 'integer' => 42, 'negative' => -7,
    'largest integer' => PHP_INT_MAX, 'float' => 3.14159, 'tiny float' => 1.0e-10, 'big float' => 1.5e300, 'whole float' => 2.0, 'infinity' => INF,
    'empty list' => [], 'list of empty lists' => [[], []], 'list' => ['a', 'b', 'c'], 'list with nulls' => ['a', null, 'b'],
    'map of booleans' => ['yes' => true, 'no' => false], 'sparse list' => [3 => 'a', 1 => 'b', -2 => 'c'], 'object' => (object) ['a' => 1, 'b c' => [2]],
];

foreach ($hostileKeys as $name => $key) {
    $corpus->add("key at the top: $name", http_build_query([$key => 'x', 'after' => 'y']));
    $data = ['fields' => ['a' => '1', $key => 'v', 'b' => [$key => ['w', 'x']]], 'list' => [[$key => 'z']]];
    $corpus->add("key inside: $name", http_build_query($data, '', '&', PHP_QUERY_RFC3986));
    if (!str_contains($key, "\0")) {
        $corpus->add("key as it is: $name", strtr("$key=1&a[$key]=2&a[b][$key][]=3", ["\r\n" => "\n"]));
    }
}
foreach ($hostileValues as $name => $value) {
    $data = ['before' => '1', 'value' => $value, 'map' => ['inner' => $value, 'last' => 'z']];
    $corpus->add("value: $name", http_build_query($data));
    if ($name !== 'very long') {
        $corpus->add("value, RFC 3986: $name", http_build_query(['value' => $value, 'list' => [$value, $value]], '', '&', PHP_QUERY_RFC3986));
    }
}
foreach ([2, 5, 10] as $depth) {
    $corpus->add("nested to depth $depth", http_build_query(nested('deep key', 'é', $depth)));
    $corpus->add("nested to depth $depth, digits", rawBrackets(http_build_query(nested('0', 'x', $depth))));
    $corpus->add("nested to depth $depth, __proto__", http_build_query(nested('__proto__', 'x', $depth)));
    $corpus->add("nested to depth $depth, lists", unindexed(http_build_query(nested('0', ['x', 'y'], $depth))));
}
$corpus->add('all hostile keys in one map', http_build_query(['m' => array_fill_keys($hostileKeys, 'v')]));
$corpus->add('all hostile names at the top', http_build_query(array_fill_keys($hostileKeys, '1')));
$corpus->add('three hundred pairs', http_build_query(['list' => array_map(fn (int $n) => $n % 10, range(1, 300))]));
$corpus->add('numeric prefix', http_build_query(['a', 'b', ['c', 'd'], 'k' => 'e'], 'var '));
$corpus->add('separated by &amp;', http_build_query(['a' => '1', 'b' => ['2', '3']], '', '&amp;'));
$corpus->add('separated by ;', http_build_query(['a' => '1', 'b' => ['2', '3']], '', ';'));

// (b) Bodies written by hand.

$handwritten = [
    // names without a value, empty names, separators
    'a', 'a=', '=x', '=', '==', '&&', '&', '&a=1', 'a=1&', '&&a=1&&b=2&&', 'a&b&=c&&d=', 'a==b', 'a=b=c', '=a=b', 'a=1&=2&b', 'a=&a', 'a&a=',
    '?a=1', '#a=1', 'a=1#b=2&#=3', 'a=1?b=2', 'a;b=1', 'a=1;b=2', ';a=1', ';', 'a;b;c=1;d=2&e', 'a=1&amp;b=2', 'a,b=1,2', "a=1\r\nb=2\r\n",
    "a\r\n=1\r\n&b=2\r\n", "\na=1", 'http://x/?a=1', '{"a":1}', '{"a":[1,"b=c&d"]}', '<a b="c"/>', '--boundary', '"a"="b"', "'a'='b'",
    '%26=%3D&%3D=%26', 'a%3Db=c', 'a%26b=c', 'a=1%26b=2',
    // spaces and dots in names
    ' a=1', '  a=1', '+a=1', '%20a=1', '%20%20=1', '+=1', ' =1', '+', 'a =1', 'a.b=1', 'a b=1', 'a+b=1', 'a%20b=1', 'a%2Eb=1', 'a..b=1', 'a . b=1', '.=1',
    '. =1', ' .=1', '%20.a=1', '..[]=1', '_=1', '++a++b=1', '%2Ba=1', "\ta=1", '%09a=1', '%0Aa=1', '%C2%A0a=1', 'a%C2%A0b=1', 'a=1&a.b=2&a_b=3',
    'a.b[]=1&a b[]=2&a_b[]=3', 'a.b[x]=1&a b=2', 'a.b[c.d]=1', 'a[b.c]=1', 'a[b c]=1', 'a[b+c]=1', 'a[.]=1', ' a[ b ]=1', ' [a]=1', '.[a]=1', 'a [b]=1',
    'a= 1 ', 'a=+1+', 'a=1+2%2B3 4%20', 'a[+b]=1&a[%20c]=2&a[%2Bd]=3', 'a=1&a =2&a.=3',
    // brackets that do not open, close or match
    'a[', 'a[=1', 'a[b', 'a[b=1', 'a]b=1', 'a]=1', ']=1', ']]=1', '[=1', '[]=1', '[]', '[a]=1', '[a]', '[[a]=1', '[a][b]=1', '[[]]=1', 'a]]=1', 'a]b[c]=1', 'a]b[c=1',
    'a]b.c=1', ']a.b[c]=1', 'a ]=1', 'a[b]c=1', 'a[b]c[d]=1', 'a[b] [c]=1', 'a[b].c=1', 'a[b]]=1', 'a[b]][c]=1', 'a[b]=c]=1', 'a[b]c d.e=1&a[f]=2', 'a[[b]]=1',
    'a[[b]=1', 'a[[]=1', 'a[[=1', 'a[[[]=1', 'a[[]]=1', 'a[b[c]=1', 'a[b[c]]=1', 'a[b[c][d]=1', 'a[b[c=1', 'a[b[c[d.e f=1', 'a[b.c=1', 'a[b c=1', 'a.b[c.d=1',
    'a[b][c=1', 'a[b][c.d=1', 'a[b.c][d.e=1', 'a[b c][d e=1', 'a[b][c][d=1', 'a[b][c[d=1', 'a[b][=1', 'a[b][', 'a[][b=1', 'a[][b.c=1&a[]=2', 'a[]b=1', 'a[]b[c=1', 'a[]]=1',
    'a[]][c]=1', 'a[b=1&a[c=2', 'a[b=1&a_b=2&a[b]=3', 'a[b=c]=1', 'a[b=1]&a[c]=2', 'a[b&c]=1', 'a[b]x[c=1', 'a[b] [c=1', 'a[b]=1&a[b]c=2&a[b][d=3', 'a.b[c d[e.f=1',
    // brackets raw and escaped
    'a[b]=1&a%5Bb%5D=2&a%5bb]=3&a[b%5d=4', 'a%5B%5D=1&a[]=2&a%5b%5d=3', '%5B=1', '%5Ba%5D=1', 'a%5B', 'a%5Bb=1', '%61[%62]=1', 'a=%5B%5D', 'a=[b]', 'a%5Bb%5Bc%5D%5D=1',
    'a%5B%5Bb%5D%5D=1', 'a%255Bb%255D=1', 'a%5Bb]%5Bc]=1', 'a%5B%5D%5B%5D=1&a%5B%5D%5B%5D=2',
    // whitespace after an opening bracket
    'a[ ]=1', 'a[+]=1', 'a[%20]=1', "a[\t]=1", 'a[%09]=1', "a[\n]=1", 'a[%0A]=1', 'a[%0B]=1', 'a[%0C]=1', 'a[%0D]=1', 'a[%1C]=1', 'a[%85]=1', 'a[%A0]=1', 'a[%C2%A0]=1', 'a[%E2%80%83]=1',
    'a[ b]=1', 'a[%09b]=1', 'a[  ]=1', 'a[%20%09]=1', 'a[%0D%0A]=1', 'a[ ', 'a[ =1', 'a[ b=1', 'a[%09=1', 'a[%09b.c d=1', 'a[ []=1', 'a[ ]]=1', 'a[ ][ b]=1', 'a[ ][]=1&a[][ ]=2',
    'a[b][ ]=1&a[b][+]=2', 'a[b][ c]=1', 'a[b][ =1', 'a[ 1]=1&a[]=2', 'a[1 ]=1&a[]=2', 'a[ ]=1&a[]=2&a[%0A]=3',
    // repeated keys, lists, mixtures
    'a=1&a=2', 'a=1&a=2&a', 'a[b]=1&a[b]=2', 'a[]', 'a[]=', 'a[]=1', 'a[]=1&a[]=2&a[]=3', 'a[0]=1&a[1]=2', 'a[1]=1&a[0]=2', 'a[]=1&a[0]=2', 'a[0]=1&a[]=2', 'a[2]=1&a[]=2&a[1]=3&a[]=4',
    'a[]=1&a[5]=2&a[]=3&a[3]=4&a[]=5', 'a[]=1&a[x]=2&a[]=3', 'a[x]=1&a[]=2&a[x]=3', 'a[][]=1&a[][]=2', 'a[][b]=1&a[][c]=2', 'a[0][]=1&a[0][]=2&a[][]=3', 'a[x][]=1&a[y][]=2&a[x][]=3',
    'a[10]=1&a[10][]=2&a[10][]=3', 'a[0]=a&b[0]=b&a[]=c&b[]=d', '0[]=a&0[]=b', '0=a&5=b&-3=c&08=d', '0=a&0=b', '1[1]=1&1[]=2&01[1]=3&01[]=4', '-1=a&0=b&-1=c',
    'a[length]=5&a[]=1', 'a[]=1&a[length]=0&a[]=2', 'a[__proto__]=1&a[__proto__][b]=2', '__proto__[a]=1&__proto__[]=2', '__proto__=1&__proto__=2', '__proto__[__proto__][__proto__]=1',
    'constructor[prototype][a]=1', 'a[constructor][prototype][b]=1&a[]=2', 'toString=1&valueOf=2&hasOwnProperty=3', 'a[hasOwnProperty]=1&a[b]=2&a[toString][]=3', 'this=1&GLOBALS[a]=2&_POST=3',
    // a scalar in the place of an array, and the reverse
    'a=1&a[]=2', 'a[]=1&a=2', 'a=1&a[b]=2', 'a[b]=1&a=2', 'a[b]=1&a=2&a[c]=3', 'a=1&a[b][c]=2&a[b]=3&a[b][d]=4', 'a[b][c]=1&a[b]=2', 'a[0]=x&a[0][b]=y', 'a[]=x&a[0][]=y&a[][]=z',
    'a[10]=1&a=x&a[]=2', 'a[10][b]=1&a[10]=x&a[]=2', 'a[5][7]=1&a[5]=x&a[5][]=2&a[]=3', 'a[b=1&a_b[]=2', 'a.b[c]=1&a.b=2', 'a=1&a[=2', 'a[b]=&a[b][]=', 'a&a[]&a', 'a[]&a&a[]',
    // keys that are or are not integers, and the index that comes next
    'a[5]=1&a[]=2', 'a[-5]=1&a[]=2', 'a[-5]=1&a[]=2&a[]=3', 'a[-1]=1&a[]=2', 'a[-2]=1&a[]=2&a[]=3&a[]=4', 'a[-7]=1&a[-9]=2&a[]=3', 'a[-9]=1&a[-7]=2&a[]=3', 'a[]=1&a[-7]=3&a[]=4',
    'a[x]=1&a[-7]=3&a[]=4', 'a[x]=1&a[]=2&a[-7]=3&a[]=4', 'a[0]=1&a[-3]=2&a[]=3', 'a[-3][]=1&a[][]=2', 'a[-5][x]=1&a[-5][]=2', 'a[-0]=1&a[]=2', 'a[00]=1&a[]=2', 'a[08]=1&a[]=2', 'a[8]=1&a[08]=2&a[]=3',
    'a[-08]=1&a[]=2', 'a[-]=1&a[]=2', 'a[--1]=1&a[]=2', 'a[%2B1]=1&a[]=2', 'a[1.5]=1&a[]=2', 'a[1.0]=1&a[]=2', 'a[1e3]=1&a[]=2', 'a[0x1]=1&a[]=2', 'a[1_000]=1&a[]=2', 'a[%D9%A1]=1&a[]=2',
    'a[%EF%BC%91]=1&a[]=2', 'a[1a]=1&a[]=2', 'a[a1]=1&a[]=2', 'a[1%00]=1&a[]=2', 'a[NaN]=1&a[Infinity]=2&a[]=3', 'a[true]=1&a[null]=2&a[]=3', 'a[3000000000]=1&a[]=2', 'a[4294967294]=1&a[]=2',
    'a[4294967295]=1&a[]=2', 'a[-4294967296]=1&a[]=2', 'a[9007199254740990]=1&a[]=2&a[]=3&a[]=4', 'a[9007199254740991]=1&a[]=2', 'a[9007199254740992]=1&a[]=2&a[]=3', 'a[9007199254740993]=1&a[]=2',
    'a[-9007199254740993]=1&a[]=2', 'a[-9007199254740992]=1&a[]=2&a[]=3', 'a[999999999999999999]=1&a[]=2', 'a[1000000000000000000]=1&a[]=2', 'a[9223372036854775805]=1&a[]=2',
    'a[9223372036854775806]=1&a[]=2&a[]=3', 'a[9223372036854775806]=1&a[]=2&a[]=3&x=1', 'a[9223372036854775807]=1&a[]=2', 'a[9223372036854775807]=1&a[]=2&a[][b]=3&b=4',
    'a[9223372036854775807]=1&a[][b=3&c=1', 'a[9223372036854775807]=1&a[][][]=2&a[5]=3&a[]=4', 'a[9223372036854775807][x]=1&a[][y]=2&a[0]=z', 'a[9223372036854775807]=1&a[9223372036854775807]=2&a[]=3',
    'a[9223372036854775806][]=1&a[][]=2&a[][]=3', 'a[x][9223372036854775807]=1&a[x][]=2&a[]=3', 'a[9223372036854775807]=1&a=2&a[]=3', 'a[9223372036854775808]=1&a[]=2', 'a[09223372036854775807]=1&a[]=2',
    'a[10000000000000000000]=1&a[]=2', 'a[18446744073709551615]=1&a[]=2', 'a[18446744073709551616]=1&a[]=2', 'a[99999999999999999999]=1&a[]=2', 'a[-9223372036854775807]=1&a[]=2', 'a[-9223372036854775808]=1&a[]=2',
    'a[-9223372036854775809]=1&a[]=2', 'a[-10000000000000000000]=1&a[]=2', 'a[100000000000000000000000000000000000000000]=1&a[]=2', '9223372036854775807[]=1&9223372036854775808[]=2',
    // NUL, escaped, in names and values
    'a%00b=1', '%00a=1', '%00=1', '%00', '%00[a]=1', 'a%00[b]=1', 'a[%00]=1', 'a[%00', 'a[b%00c]=1', 'a[b]%00=1', 'a[b]%00[c]=1', 'a[b][%00]=1', 'a[b][c%00]=1', 'a[%20%00]=1', 'a[b][%20%00]=1', 'a[][%00]=1',
    'a[][c%00]=1&a[]=2', 'a[%00%5D=1', 'a.b%00.c=1', '%20%00a=1', 'a=1%002', 'a=%00', 'a[]=%00%00', 'a%00=1&a=2', 'a=2&a%00b=1',
    // escapes that are not escapes
    'a=%', 'a=%z', 'a=%4', 'a=%zz', 'a=%4z', 'a=%z4', 'a=%&b=1', 'a=%4&b=1', 'a%=1', 'a%4=1', '%=1', '%zz=1', '%', '%%=%%', 'a=%%41', 'a=%4%31', 'a=%2541', 'a=%u00e9', 'a=%+1', 'a=% 41', 'a=%+41', 'a=%-1',
    'a=%G2&b=%2G', 'a=%2b+%20%2B', 'a=%e9%C3%a9', 'a=%0', 'a=%0x41', 'a=1%', 'a[%]=1', 'a[%5]=1', 'a[b%5=1', 'a%5=1', 'a[%zz]=%zz', 'a=%ef%bC%91', "a=%\xEF\xBC\x94\xEF\xBC\x91", 'a=%4%', "a=%4\xC3\xA9", 'a%2=1&a%2[b]=2',
    // UTF-8, sound and broken, raw and escaped
    "a=\xC3\xA9", 'a=%C3%A9', "a=\xC3%A9", "a=%C3\xA9", "\xC3%A9=1", "%C3\xA9=1", "a[\xC3%A9]=1&a[%C3\xA9]=2&a[\xC3\xA9]=3", 'a=%C3', "a=\xC3", 'a=%A9', "a=\xA9", 'a=%C3&b=%A9', "a=\xC3&b=\xA9", "\xC3=\xA9", '%C3=%A9', "a=\xE2\x82%AC", "a=%E2\x82%AC",
    'a=%E2%82', 'a=%E2%82&b', "a=\xE2\x82x", 'a=%E2+%82%AC', "a=%E2%82%E2%82%AC", "a=\xF0\x9F\x8E\x89", 'a=%F0%9F%8E%89', "a=\xF0%9F\x8E%89", "a=%F0\x9F%8E\x89", 'a=%F0%9F%8E', 'a=%F0%9F', 'a=%F0', 'a=%F0%9F%8E%F0%9F%8E%89', "a=\xFF", 'a=%FF', 'a=%FE%FF',
    "a=\xC0\xAF", 'a=%C0%AF', 'a=%C1%81', 'a=%E0%80%AF', 'a=%E0%9F%BF', 'a=%F0%80%80%AF', 'a=%F0%8F%BF%BF', 'a=%F8%88%80%80%80', 'a=%FC%84%80%80%80%80', 'a=%ED%A0%80', 'a=%ED%A0%BD%ED%B8%80', 'a=%ED%BF%BF', "a=\xED\xA0\x80", 'a=%ED%9F%BF', 'a=%EE%80%80',
    'a=%F4%8F%BF%BF', 'a=%F4%90%80%80', 'a=%F5%80%80%80', 'a=%80%BF%C2', 'a=%C2%C2%A9', 'a=%EF%BF%BD', 'a=%EF%BF%BE', "\xEF\xBB\xBFa=1", '%EF%BB%BFa=1', "\xEF\xBB\xBF=1", "\xEF\xBB\xBF", "a=\xEF\xBB\xBF1", 'a=%EF%BB%BF1', "a[\xEF\xBB\xBF]=1", "\xFE\xFF\xC3=1", "\xC3[b]=1",
    'a[%C3]=1', "a[%C3][%A9]=1", "a[\xE2\x82]\xAC=1", "a%FF=1", "a%FF[b%FE]=1&a%FF[]=2", "caf\xE9=caf\xE9", "a%C3.%A9=1", "a%C3 %A9[\xC3=1", "a=%C3+%A9", "a=\xC3+\xA9", "\xC3\xA9\xC3\xA9\xC3\xA9=1&%C3%A9%C3%A9%C3%A9=2", "a=%C0%80", "a%C0%80b=1", "a%C0%AE%C0%AEb=1", "a%C0%DBb%C0%DD=1",
    "a=\xC3\xA9%2", "a=\u{1F1F3}\u{1F1F1}+%F0%9F%87%B3\u{1F1F1}", "naam=\xE9%E9%C3%A9\xC3\xA9",
    // names that would become a cookie's protected prefix: a space, a dot or a bracket turned into an underscore drops the variable
    '__Host-a=1', '..Host-a=1&b=2', '_.Host-a=1', '. Secure-a=1&b=2', ' _.Host-=1', '..host-a=1', '..Host=1', '__Host-a.b=1', '__Host-[a]=1', '..Host-[a]=1&b=2', '_[Host-x=1&b=2', '_[Secure- a=1', '__[Host-a=1', '__Host-[b=1', '..Host-a[b=1', '_.Host-a[b]=1',
    '_.Host[a]=1', 'a[..Host-b]=1', '+__Host-a=1', '..Host-%00=1', 'x[_.Host-=1', '__Secure-[.b=1',
    // and so does such a prefix of any of its keys, unless the name starts with it
    'x[__Host-a]=1&x[b]=2', 'x[__Secure-]=1', 'x[b][__Host-a]=1', 'x[__Host-a][b]=1', '__Host-a[__Host-b]=1', '__Host-a[__Secure-b]=1', 'x[__Host]=1&x[__proto__]=2', 'x[ __Host-a]=1', '+__Host-a[__Host-b]=1', 'x[%5F_Host-a]=1', 'x[__Host-a]y=1',
    // a key of one character: some are white space, and so none
    'q[%01]=1', 'q[%08]=1', 'q[%09]=1&q[%0B]=2', 'q[%0E]=1', 'q[%1F]=1', 'q[%C2%A0]=1', 'q[_]=1', 'q[!]=1',
];
foreach ($handwritten as $body) {
    if (!$corpus->add('raw: ' . label($body), $body)) {
        throw new LogicException('known already, or with keys that collide: ' . label($body));
    }
}

$corpus->add('long name', str_repeat('a.b ', 60) . '=1');
$corpus->add('long key', 'a[' . str_repeat('b.c ', 60) . ']=1');
$corpus->add('long unterminated key', 'a.b[' . str_repeat('c.d[', 60) . '=1');
$corpus->add('many repeats', str_repeat('a[]=1&a[x]=2&a=&', 30) . 'a[]=last');
$corpus->add('many separators', str_repeat('&', 200) . 'a=1' . str_repeat('&', 200));
$corpus->add('a long run of percent signs', 'a=' . str_repeat('%', 201) . '41');
$corpus->add('a long run of lead bytes', 'a=' . str_repeat("\xF0\x9F", 50) . str_repeat('%F0%9F', 50));
$corpus->add('every byte escaped in a value', 'a=' . implode('', array_map(fn (int $byte) => sprintf('%%%02X', $byte), range(0, 255))));
$corpus->add('every byte but NUL, = and & raw in a value', 'a=' . implode('', array_map('chr', [...range(1, 37), ...range(39, 60), ...range(62, 255)])));
$corpus->add('every ASCII character escaped in a name', 'a' . implode('', array_map(fn (int $byte) => sprintf('%%%02x', $byte), range(1, 127))) . '=1');
$corpus->add('every ASCII character but ] escaped in a key', 'a[' . implode('', array_map(fn (int $byte) => sprintf('%%%02x', $byte), [...range(1, 92), ...range(94, 127)])) . ']=1');
foreach ([60, 63, 64] as $depth) {
    $corpus->add("depth $depth", 'a' . str_repeat('[b]', $depth) . '=1&c=2');
    $corpus->add("depth $depth, lists", 'a' . str_repeat('[]', $depth) . '=1&a' . str_repeat('[]', $depth) . '=2');
    $corpus->add("depth $depth, text after", 'a' . str_repeat('[0]', $depth) . 'x[y]=1&b=2');
}
$corpus->add('depth 63, unterminated', 'a' . str_repeat('[b]', 63) . '[c=1&d=2');
$corpus->add('depth 64, a scalar then an array', 'a' . str_repeat('[b]', 63) . '=1&a' . str_repeat('[b]', 64) . '=2');
$corpus->add('seventy opening brackets in one key', 'a' . str_repeat('[', 70) . ']=1');
$corpus->add('seventy opening brackets without an end', 'a' . str_repeat('[', 70) . '=1');

// (c) Copernica's events, in every way that a PHP sender might write them.

$profile = [
    'type' => 'create', 'parameters' => ['source' => 'web form', 'ip' => '192.0.2.7'], 'timestamp' => '2021-03-28 02:30:00', 'time' => '1616898600',
    'profile' => '1234', 'database' => '12', 'created' => '2021-03-28 02:30:00', 'modified' => '2021-03-28 02:30:00',
    'fields' => ['email' => 'jan+test@example.com', 'Achter naam' => 'de Wit & Zönen', 'remark' => "100% [ja]\r\nü=1"],
    'interests' => ['sport', 'news & more'], 'id' => '1234',
];
$subprofile = [
    'type' => 'create', 'parameters' => ['import' => '1'], 'timestamp' => '2021-10-31 02:30:00', 'time' => 1635643800, 'profile' => 1234, 'subprofile' => 77,
    'database' => 12, 'collection' => 3, 'created' => '2021-10-31 02:30:00', 'modified' => '2021-10-31 02:30:00',
    'fields' => ['orderId' => 'A-0008', 'paid' => true, 'total' => 12.5, 'açaí 🎉' => ''], 'id' => '901',
];

foreach (['profile' => $profile, 'subprofile' => $subprofile] as $kind => $event) {
    foreach ([PHP_QUERY_RFC1738 => 'plus', PHP_QUERY_RFC3986 => '%20'] as $encoding => $spaces) {
        $body = http_build_query($event, '', '&', $encoding);
        $corpus->add("$kind, $spaces, escaped brackets", $body);
        $corpus->add("$kind, $spaces, raw brackets", rawBrackets($body));
        $corpus->add("$kind, $spaces, lower-case escapes", lowerCaseEscapes($body));
        $corpus->add("$kind, $spaces, lists without index", unindexed($body));
        $corpus->add("$kind, $spaces, raw brackets, lists without index", rawBrackets(unindexed($body)));
    }
}

/** What a variation replaces in the event; null is not sent at all. */
$variations = [
    'no time' => ['time' => null],
    'no id' => ['id' => null],
    'no time, no id' => ['time' => null, 'id' => null],
    'empty parameters' => ['parameters' => []],
    'empty fields' => ['fields' => []],
    'empty interests' => ['interests' => []],
    'no maps at all' => ['parameters' => [], 'fields' => [], 'interests' => null],
    'interests as a map' => ['interests' => ['sport' => 1, 'news' => 0, 'naïve choice' => true, 'a.b' => false]],
    'interests grouped' => ['interests' => ['leisure' => ['sport' => '1', 'reading' => '0'], 'work' => ['news']]],
    'one interest, scalar' => ['interests' => 'sport'],
    'interests named as numbers' => ['interests' => ['2021' => '1', '08' => '1', '-5' => '0', '0' => '1']],
    'fields that exist on objects' => ['fields' => ['__proto__' => 'x', 'constructor' => 'y', 'length' => '3', 'toString' => '', 'hasOwnProperty' => '1']],
    'fields named as numbers' => ['fields' => ['first', 'second', 10 => 'tenth', -5 => 'minus', '' => 'empty']],
    'fields with hostile names' => ['fields' => ['a b' => '1', 'c.d' => '2', 'e[f' => '3', 'g]h' => '4', 'i+j' => '5', '%6B' => '6', 'l&m' => '7', 'n=o' => '8', '🎉' => '9', ' p' => '10']],
    'fields with hostile values' => ['fields' => ['nul' => "a\0b", 'lines' => "a\r\nb\nc", 'markup' => '<a href="?b=c&amp;d">', 'form' => 'a[b]=c&d', 'plus' => '1+1', 'latin' => "caf\xE9"]],
    'booleans and numbers' => ['fields' => ['yes' => true, 'no' => false, 'none' => null, 'whole' => 7, 'part' => 0.5, 'negative' => -3]],
    'dates of zeros' => ['created' => '0000-00-00 00:00:00', 'modified' => '', 'fields' => ['birthday' => '0000-00-00']],
    'parameters nested' => ['parameters' => ['a' => ['b' => ['c' => ['1', '2'], 'd' => '']], 'x.y z' => ['']]],
    'parameters as a list' => ['parameters' => ['first', 'second', ['third']]],
    'extra variables' => ['account' => 'account_1234', 'new.variable' => '1', 'another one' => ['x' => ['y']], 'tags' => ['a', 'b']],
    'variables that exist on objects' => ['__proto__' => ['type' => 'delete'], 'constructor' => 'x', 'hasOwnProperty' => '1'],
    'malformed ids' => ['profile' => '12a', 'database' => '-1', 'id' => '9223372036854775808'],
    'maps sent as scalars' => ['fields' => '', 'parameters' => 'x', 'interests' => '1'],
    'scalars sent as maps' => ['type' => ['create'], 'profile' => ['id' => '1'], 'timestamp' => ['2021', '03']],
];
foreach ($variations as $name => $replaced) {
    foreach (['profile' => $profile, 'subprofile' => $subprofile] as $kind => $event) {
        if ($kind === 'subprofile' && str_contains($name, 'interest')) {
            continue;
        }
        // The long texts are in the variations above; these stay short.
        $event['fields'] = ['email' => 'a@b.nl'];
        $body = http_build_query([...$event, ...$replaced], '', '&', $kind === 'profile' ? PHP_QUERY_RFC1738 : PHP_QUERY_RFC3986);
        $corpus->add("$kind, $name", $kind === 'profile' ? rawBrackets($body) : $body);
    }
}

$short = 'type=create&timestamp=2021-03-28+02:30:00&profile=1234&database=12&created=2021-03-28%2002%3A30%3A00&modified=';
$corpus->add('profile, times with raw colons', "$short&fields[email]=a@b.nl");
$corpus->add('profile, lists with and without index', "$short&interests[]=a&interests[5]=b&interests[]=c&interests[0]=d");
$corpus->add('profile, a list and a map in one', "$short&interests[]=a&interests[news]=1&interests[]=b");
$corpus->add('profile, repeated variables', "$short&profile=1&profile=2&fields[a]=1&fields[a]=2&type=update&type=create");
$corpus->add('profile, fields twice in two ways', "$short&fields%5Ba%20b%5D=1&fields[a+b]=2&fields[a b]=3");
$corpus->add('profile, fields first a scalar', "fields=&parameters=&interests=&$short&fields[a]=1&interests[]=x");
$corpus->add('profile, fields a scalar at last', "fields[a]=1&interests[]=x&$short&fields=&interests=");
$corpus->add('profile, empty pairs around', "&&$short&&fields[a]=1&&&");
$corpus->add('profile, unterminated field', "$short&fields[a=1&interests[=x&parameters[b c=2");
$corpus->add('profile, text after a field', "$short&fields[a]b=1&interests[]x=y");
$corpus->add('profile, variables without a value', 'type&timestamp&profile&database&fields[a]&interests[]&parameters');
$corpus->add('profile, line end at the end', "$short&fields[a]=1\r\n");
$corpus->add('profile, a BOM in front', "\xEF\xBB\xBF$short&id=1");
$corpus->add('profile, raw UTF-8', "$short&fields[naam]=Zoë 🎉&fields[açaí]=é%C3%A9\xC3%A9");
$corpus->add('profile, Latin-1', "$short&fields[na\xEFve]=caf\xE9&fields[x]=caf%E9");
$corpus->add('subprofile, spaces in front of names', " type=create&+profile=1&%20subprofile=2&  fields[ a]=3&+fields[b ]=4");
$corpus->add('subprofile, dotted names', 'type=create&profile.id=1&sub profile=2&fields.a=3&fields[b.c]=4');
$corpus->add('subprofile, deep parameters', 'type=create&subprofile=2&parameters[a][b][c][d][e][f]=1&parameters[a][b][c][d][e][]=2');
$corpus->add('subprofile, separated by ;', 'type=create;profile=1;subprofile=2&database=3');

// (d) Random bodies over a small hostile alphabet.

$alphabet = [
    'a', 'a', 'b', '_', '[', '[', ']', ']', '[]', '[]', '[a]', '[b]', '[0]', '[3]', '[-2]', '[ ]', '=', '=', '=', '&', '&', '&', '.', '+', ' ', '%', '%2', '%5B', '%5D', '%20', '%09',
    '%00', '%26', '%3D', '%C3', '%A9', '%e2%82%ac', "\xC3", "\xA9", "\xE2\x82", '%F0%9F', '0', '1', '-', '__proto__', '[length]', '[9223372036854775807]', '[08]', "\t", ';', "\xEF\xBB\xBF", 'é',
];
for ($made = 0, $number = 1; $made < RANDOM_CASES; $number++) {
    $body = '';
    for ($length = mt_rand(4, 30); $length > 0; $length--) {
        $body .= $alphabet[mt_rand(0, count($alphabet) - 1)];
    }
    // Half of them start like a sound body, so that the later pairs meet a tree.
    if ($number % 2 === 0) {
        $body = ['a=1&', 'a[]=1&a[b]=2&', 'b[a][]=1&', 'a[3]=1&'][mt_rand(0, 3)] . $body;
    }
    $made += $corpus->add("random $number", $body) ? 1 : 0;
}

if (count($corpus->cases) < MINIMUM_CASES) {
    throw new LogicException(sprintf('only %d cases', count($corpus->cases)));
}
$lines = array_map(fn (array $case) => json_encode($case, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES), array_values($corpus->cases));
file_put_contents(__DIR__ . '/corpus.json', "[\n" . implode(",\n", $lines) . "\n]\n");
printf("%d cases, %d KB\n", count($lines), filesize(__DIR__ . '/corpus.json') / 1024);
