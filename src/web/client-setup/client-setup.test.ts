import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWeb, stranger, type TestWeb } from '../../../test/support/web.ts'

let web: TestWeb
beforeAll(async () => {
  web = await startWeb()
})
afterAll(() => web.end())

const ask = async (path: string, init: RequestInit = {}, client = stranger) =>
  web.web.fetch(new Request(new URL(path, 'http://autoconfig.example.test'), init), client)

test.each(['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=a@b.test'])(
  'Thunderbird is told every way in at %s, without HTTPS too',
  async (path) => {
    const answer = await ask(path, {}, { ...stranger, secure: false })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^application\/xml/)
    const text = await answer.text()
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<clientConfig version="1.1">/)
    expect(text).toContain('<displayName>Tom &amp; Ann</displayName>')
    const servers = [
      ...text.matchAll(/Server type="(\w+)">\s+<hostname>(.*?)<.*\s+<port>(\d+)<.*\s+<socketType>(\w+)/g),
    ]
    expect(servers.map(([, ...found]) => found.join(' '))).toEqual([
      'imap mail.example.test 993 SSL',
      'imap mail.example.test 143 STARTTLS',
      'pop3 mail.example.test 995 SSL',
      'smtp mail.example.test 465 SSL',
    ])
  },
)

test.each([
  ['/mail/config-v1.1.xml', 'autoconfig.example.com', 'example.com'],
  ['/mail/config-v1.1.xml?emailaddress=ann@other.example', 'autoconfig.example.com', 'other.example'],
  ['/.well-known/autoconfig/mail/config-v1.1.xml', 'mail.example.test', '%EMAILDOMAIN%'],
  ['/mail/config-v1.1.xml?emailaddress=<b>', 'autoconfig.<b>', '%EMAILDOMAIN%'],
])('%s at %s is of the domain %s', async (path, host, domain) => {
  const url = new URL(path, 'http://mail.example.test')
  if (URL.canParse(`http://${host}`)) url.hostname = host
  const answer = await web.web.fetch(new Request(url), stranger)
  expect(await answer.text()).toContain(`<domain>${domain}</domain>`)
})

const outlook = (address: string, schema = 'a') => `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>${address}</EMailAddress>
    <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006${schema}</AcceptableResponseSchema>
  </Request>
</Autodiscover>`

test.each(['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml'])(
  'Outlook is answered at %s',
  async (path) => {
    const answer = await ask(path, { method: 'POST', body: outlook('ann@example.test') })
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(text.match(/<(?:Type|Server|Port|LoginName|SSL)>.*?</g)).toEqual([
      ...[
        '<Type>IMAP<',
        '<Server>mail.example.test<',
        '<Port>993<',
        '<LoginName>ann@example.test<',
        '<SSL>on<',
      ],
      ...[
        '<Type>SMTP<',
        '<Server>mail.example.test<',
        '<Port>465<',
        '<LoginName>ann@example.test<',
        '<SSL>on<',
      ],
    ])
  },
)

test.each([
  ['no XML', 'hello'],
  ['no address', outlook('')],
  ['what is no address', outlook('ann')],
  ['markup in the address', outlook('a&lt;b@example.test')],
  [
    'another schema',
    outlook('ann@example.test').replace(/outlook\/responseschema/, 'mobilesync/responseschema'),
  ],
])('a request with %s is refused', async (_, body) => {
  expect((await ask('/autodiscover/autodiscover.xml', { method: 'POST', body })).status).toBe(400)
})

test('a request without end is refused before it is read', async () => {
  const body = outlook(`${'a'.repeat(20_000)}@example.test`)
  expect((await ask('/autodiscover/autodiscover.xml', { method: 'POST', body })).status).toBe(413)
  const evil = '<EMailAddress '.repeat(1_100)
  expect((await ask('/autodiscover/autodiscover.xml', { method: 'POST', body: evil })).status).toBe(400)
})

test('who only looks is told to send a POST', async () => {
  const answer = await ask('/autodiscover/autodiscover.xml')
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
})

test.each([
  ['', 200],
  ['?Protocol=Autodiscoverv1', 200],
  ['?Protocol=autodiscoverV1', 200],
  ['/v1.0/ann@example.com?Protocol=AutodiscoverV1', 200],
  ['?Protocol=ActiveSync', 404],
])('Autodiscover v2 %s: %i', async (query, status) => {
  const answer = await ask(`/autodiscover/autodiscover.json${query}`)
  expect(answer.status).toBe(status)
  if (status === 200)
    expect(await answer.json()).toEqual({
      Protocol: 'Autodiscoverv1',
      Url: 'https://mail.example.test/autodiscover/autodiscover.xml',
    })
})

test.each(['/apple.mobileconfig', '/mobileconfig'])('an iPhone gets a profile at %s', async (path) => {
  const answer = await ask(`${path}?email=ann@example.test`)
  expect(answer.headers.get('content-type')).toMatch(/^application\/x-apple-aspen-config/)
  const text = await answer.text()
  expect(text).toMatch(/^<\?xml[^\n]*\n<!DOCTYPE plist/)
  expect(text).toContain('<key>EmailAddress</key><string>ann@example.test</string>')
  expect(text).toContain('<key>IncomingMailServerPortNumber</key><integer>993</integer>')
  expect(text).toContain('<key>PayloadIdentifier</key><string>test.example.mail.homepost.')
  const ids = text.match(/PayloadUUID<\/key><string>[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}</g)
  expect(new Set(ids).size).toBe(2)
  expect(await (await ask(`${path}?email=ann@example.test`)).text()).toBe(text)
})

test('the link and the picture on the account page lead to the profile', async () => {
  const ann = await web.signedIn('ann@example.com')
  const page = await (await ann.get('/account')).text()
  const link = /href="(\/apple\.mobileconfig[^"]*)"/.exec(page)?.[1] ?? ''
  const profile = await ann.get(link)
  expect(profile.headers.get('content-type')).toMatch(/^application\/x-apple-aspen-config/)
  expect(await profile.text()).toContain('<key>EmailAddress</key><string>ann@example.com</string>')
})

test('a profile for nobody in particular leaves the address to the device', async () => {
  const text = await (await ask('/apple.mobileconfig?email=<b>@x')).text()
  expect(text).toContain('<key>EmailAddress</key><string></string>')
  expect(text).not.toContain('<b>')
})
