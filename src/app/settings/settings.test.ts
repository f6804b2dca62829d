import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { exampleFile } from './example.ts'
import { type ReadSettings, readSettings, type Sources } from './read.ts'
import { type SettingName, type Settings, settingNames, table } from './table.ts'
import { neverUsed, notYetUsed } from './unused.ts'

const nothing: Sources = {
  home: false,
  file: undefined,
  environment: {},
  readFile: () => {
    throw new Error('no such file')
  },
}
const file = (text: string) => ({ name: 'homepost.env', values: parseEnv(text) as Record<string, string> })
const read = (sources: Partial<Sources>) => readSettings({ ...nothing, ...sources })
const from = (environment: Record<string, string>) => read({ environment })

function settings(result: ReadSettings): Settings {
  if (result.kind === 'mistakes') throw new Error(result.mistakes.join('\n'))
  return result.settings
}
const mistakes = (result: ReadSettings) => (result.kind === 'mistakes' ? result.mistakes : [])

test('every standard value is of its own kind', () => {
  expect(mistakes(read({}))).toEqual([])
  expect(mistakes(read({ home: true }))).toEqual([])
})

describe('values', () => {
  test.each<[SettingName, string, unknown]>([
    ['TLS_PERMISSIVE', 'False', false],
    ['TLS_PERMISSIVE', 'no', false],
    ['TLS_PERMISSIVE', 'YES', true],
    ['INBOUND_TLS_ENFORCE', '1', true],
    ['DOMAIN', 'BÜCHER.example', 'xn--bcher-kva.example'],
    ['HOSTNAMES', 'mail.a.example, b.example', ['mail.a.example', 'b.example']],
    ['TLS_FLAVOR', 'mail-letsencrypt', 'mail-letsencrypt'],
    ['TLS_FLAVOR', 'Mail', 'mail'],
    ['MESSAGE_SIZE_LIMIT', '50000000', 50_000_000],
    ['DEFAULT_QUOTA', '2G', 2_000_000_000],
    ['AUTH_RATELIMIT_IP', '5/hour', { count: 5, seconds: 3600 }],
    ['AUTH_RATELIMIT_IP', '10 per 2 minutes', { count: 10, seconds: 120 }],
    ['AUTH_RATELIMIT_IP', '5/hour;50/day', { count: 5, seconds: 3600 }],
    ['MESSAGE_RATELIMIT', 'none', undefined],
    ['RELAYNETS', '10.0.0.0/8 [::1]/128', ['10.0.0.0/8', '::1/128']],
    ['RELAYNETS', '192.0.2.7', ['192.0.2.7/32']],
    ['RELAYNETS', '', []],
    ['PROXY_PROTOCOL', 'mail', [25, 110, 995, 143, 993, 587, 465, 4190]],
    ['PROXY_PROTOCOL', '25,993', [25, 993]],
    [
      'IMAP_CAPABILITIES_OFF',
      'Ann@example.org:qresync,*:COMPRESS=DEFLATE',
      [
        { who: 'ann@example.org', capability: 'QRESYNC' },
        { who: '*', capability: 'COMPRESS=DEFLATE' },
      ],
    ],
    ['COMPRESSION', 'lz4', 'zstd'],
    ['COMPRESSION', '', 'none'],
    ['LOG_LEVEL', 'WARNING', 'warn'],
    ['DOMAIN', '', 'home.test'],
    ['RECIPIENT_DELIMITER', '+-', '+-'],
    ['METRICS_TOKEN', '', undefined],
    ['BABEL_DEFAULT_LOCALE', 'nb_NO', 'nb'],
    ['BABEL_DEFAULT_LOCALE', 'zh_TW', 'zh-TW'],
    ['BABEL_DEFAULT_TIMEZONE', 'Asia/Tokyo', 'Asia/Tokyo'],
    ['WEBROOT_REDIRECT', 'none', undefined],
    ['WEBROOT_REDIRECT', '/admin', '/admin'],
    ['LOGO_URL', '/wiki/logo.png', '/wiki/logo.png'],
    ['LOGO_BACKGROUND', 'rgb(1, 2, 3)', 'rgb(1, 2, 3)'],
    ['SESSION_COOKIE_SECURE', 'False', false],
    ['SESSION_COOKIE_SECURE', '', undefined],
  ])('%s=%s is %j', (name, text, value) => {
    expect(settings(from({ [name]: text }))[name]).toEqual(value)
  })
})

test('every mistake is reported at once, named, with what was expected', () => {
  const result = from({
    DOMAIN: 'not a domain',
    TLS_PERMISSIVE: 'perhaps',
    MESSAGE_SIZE_LIMIT: '-1',
    RELAYNETS: '10.0.0.0/33',
    AUTH_RATELIMIT_USER: '5 a day',
    PORTS: '25,70000',
    TLS_FLAVOR: 'ssl',
    METRICS_TOKEN_FILE: '/nowhere',
    PORT_OFFSET: 'x',
  })
  expect(mistakes(result)).toEqual([
    'PORT_OFFSET: expected a whole number from 0 to 60000, found "x"',
    'METRICS_TOKEN_FILE: cannot read /nowhere: expected a file with the value of METRICS_TOKEN',
    'DOMAIN: expected a domain name, such as example.org, found "not a domain"',
    'PORTS: expected a comma-separated list, each a whole number from 1 to 65535, found "25,70000"',
    'TLS_FLAVOR: expected one of cert, letsencrypt, notls, mail, mail-letsencrypt, found "ssl"',
    'TLS_PERMISSIVE: expected true or false, found "perhaps"',
    'MESSAGE_SIZE_LIMIT: expected a number of bytes, such as 50000000, 500M or 2G, found "-1"',
    'RELAYNETS: expected a comma-separated list, each a network or an IP address, such as 192.168.0.0/16, found "10.0.0.0/33"',
    'AUTH_RATELIMIT_USER: expected a number per second, minute, hour, day, month or year, such as 5/hour, or none, found "5 a day"',
  ])
})

test.each<[SettingName, string, RegExp]>([
  ['LOGO_URL', 'logo.png', /the address of a picture, such as https:.*found "logo.png"/],
  ['LOGO_URL', '//elsewhere.example/x', /or a path here/],
  ['LOGO_URL', 'javascript:alert(1)', /the address of a picture/],
  ['LOGO_BACKGROUND', 'red;} body { display: none', /a colour as CSS has it/],
  ['WEBSITE', 'example.org', /a web address/],
  ['BABEL_DEFAULT_LOCALE', 'tlh', /a language of our pages: be, ca/],
  ['BABEL_DEFAULT_TIMEZONE', 'Mars/Base', /a time zone, such as Europe\/Berlin/],
  ['WEBROOT_REDIRECT', 'https://elsewhere.example/', /a path here, such as \/admin, or none/],
  ['WEBROOT_REDIRECT', '//elsewhere.example/', /a path here/],
])('%s=%s is a mistake', (name, text, said) => {
  const [only = '', ...more] = mistakes(from({ [name]: text }))
  expect(only.startsWith(`${name}: expected `)).toBe(true)
  expect(only).toMatch(said)
  expect(more).toEqual([])
})

test.each([
  [{ WEBROOT_REDIRECT: '/webmail' }, /WEBROOT_REDIRECT=\/webmail: nothing is there/],
  [{ WEBROOT_REDIRECT: '/admin', ADMIN: 'false' }, /WEBROOT_REDIRECT=\/admin: nothing is there/],
  [{ WEBROOT_REDIRECT: '/admin' }, /^$/],
  [{ WEBROOT_REDIRECT: '/webmail/', WEB_PROXIES: '/webmail=http://127.0.0.1/;mail' }, /^$/],
])('a first page that is not there is remarked upon: %j', (environment, remark) => {
  const result = read({ home: true, environment })
  expect(result.kind === 'settings' && result.remarks.join('\n')).toMatch(remark)
})

test.each([
  [{ PORT_OFFSET: '60000', PORTS: '25,8080' }, /^PORT_OFFSET: expected at most 57455/],
  [{ INITIAL_ADMIN_ACCOUNT: 'admin' }, /^INITIAL_ADMIN_ACCOUNT: expected together/],
  [{ REAL_IP_HEADER: 'X-Real-IP', PROXY_PROTOCOL: '25' }, /^REAL_IP_HEADER: expected nothing/],
  [{ WEB_PROXIES: '/admin/x=http://127.0.0.1/' }, /^WEB_PROXIES: expected another path than \/admin\/x/],
  [
    { WEB_ADMIN: '/desk', WEB_PROXIES: '/desk=http://127.0.0.1/' },
    /^WEB_PROXIES: expected another path than \/desk/,
  ],
])('settings that contradict each other are a mistake: %j', (environment, mistake) => {
  expect(mistakes(from(environment)).join('\n')).toMatch(mistake)
})

describe('precedence', () => {
  const readFile = (path: string) => (path === '/secret' ? ' from-secret.example\n' : '')
  const all = { environment: { DOMAIN: 'from-env.example' }, file: file('DOMAIN=from-file.example') }

  test('the file wins over the standard value', () => {
    expect(settings(read({ home: true, file: all.file })).DOMAIN).toBe('from-file.example')
  })
  test('the environment wins over the file', () => {
    expect(settings(read(all)).DOMAIN).toBe('from-env.example')
  })
  test('NAME_FILE wins over the environment, and is trimmed', () => {
    const environment = { ...all.environment, DOMAIN_FILE: '/secret' }
    expect(settings(read({ ...all, environment, readFile })).DOMAIN).toBe('from-secret.example')
  })
  test('an empty value is a value where empty means something', () => {
    expect(settings(read({ home: true, environment: { RECIPIENT_DELIMITER: '' } })).RECIPIENT_DELIMITER).toBe(
      '',
    )
  })
})

test('what has no effect is said in one line each, and only of the file where it is unknown', () => {
  const result = read({
    environment: { PATH: '/bin', EDITOR: 'vi', DOMAIN: 'example.org' },
    file: file(
      'RECAPTCHA_PUBLIC_KEY=x\nWEBMAIL=none\nTLS=465\nSUBNET=192.168.203.0/24\nDOMIAN=example.org\n',
    ),
  })
  expect(result.kind === 'settings' && result.remarks).toEqual([
    'not yet used by this version: WEBMAIL, RECAPTCHA_PUBLIC_KEY',
    'DOMIAN: no setting has this name (in homepost.env)',
  ])
})

test("the mailu.env of Mailu's setup is taken as it is", () => {
  const mailuEnv = readFileSync(
    join(import.meta.dirname, '../../../test/fixtures/settings/mailu.env'),
    'utf8',
  )
  const result = read({ file: file(mailuEnv) })
  expect(mistakes(result)).toEqual([])
  expect(result.kind === 'settings' && result.remarks.filter((line) => line.includes('no setting'))).toEqual(
    [],
  )
  const { DOMAIN, HOSTNAMES, RECIPIENT_DELIMITER, POSTMASTER, COMPRESSION } = settings(result)
  expect({ DOMAIN, HOSTNAMES, RECIPIENT_DELIMITER, POSTMASTER, COMPRESSION }).toEqual({
    DOMAIN: 'example.org',
    HOSTNAMES: ['mail.example.org'],
    RECIPIENT_DELIMITER: '+',
    POSTMASTER: 'admin',
    COMPRESSION: 'none',
  })
})

test('config/homepost.env.example is what the table prints', () => {
  const path = join(import.meta.dirname, '../../../config/homepost.env.example')
  expect(readFileSync(path, 'utf8')).toBe(exampleFile())
})

test('the example, with every line switched on, changes nothing', () => {
  const on = exampleFile().replaceAll(/^#([A-Z_0-9]+=)/gm, '$1')
  const result = read({ file: file(on) })
  expect(result).toMatchObject({
    settings: settings(read({})),
    remarks: [expect.stringMatching(/^DOMAIN is home\.test/)],
  })
})

test('home.test in production is remarked upon', () => {
  expect(read({})).toMatchObject({ remarks: [expect.stringMatching(/^DOMAIN is home\.test/)] })
})

const authority = { TLS_FLAVOR: 'letsencrypt', ACME_CHALLENGE: 'dns-01' }

test.each([
  [{ TLS_FLAVOR: 'letsencrypt', PORTS: '25,443,465,993' }, /tls-alpn-01 or dns-01, because 80/],
  [{ TLS_FLAVOR: 'mail-letsencrypt', ACME_CHALLENGE: 'tls-alpn-01' }, /http-01 or dns-01, because port 443/],
  [authority, /ACME_DNS_SERVER and ACME_DNS_KEY/],
  [{ ...authority, ACME_DNS_KEY: 'hmac-md5:key:c2VjcmV0' }, /^ACME_DNS_KEY: expected a key/],
  [{ TLS_FLAVOR: 'letsencrypt', ACME_EAB_KID: 'me' }, /^ACME_EAB_KID: expected together/],
  [{ TLS_FLAVOR: 'letsencrypt', ACME_DIRECTORY: 'http://a.example/dir' }, /^ACME_DIRECTORY: expected/],
])('an authority that could not be asked is a mistake: %j', (environment, mistake) => {
  expect(read({ environment })).toMatchObject({
    kind: 'mistakes',
    mistakes: expect.arrayContaining([expect.stringMatching(mistake)]) as string[],
  })
})

test('home.test is fine for trying out', () => {
  expect(read({ home: true })).toMatchObject({ remarks: [] })
})

test('no name stands in two lists', () => {
  const names = [...settingNames, ...notYetUsed, ...neverUsed]
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  expect(Object.keys(table)).toEqual(settingNames)
})
