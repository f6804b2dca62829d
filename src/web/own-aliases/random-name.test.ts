import { expect, test } from 'vitest'
import { parseAddress } from '../../lib/address.ts'
import { randomName } from './random-name.ts'

test.each([
  ['www.groupon.com', 'groupon'],
  ['https://www.amazon.com/some/path', 'amazon'],
  ['shop.example.org', 'example'],
  ['subdomain.test.co.uk', 'test'],
  ['single.com', 'single'],
  ['example.com:8080', 'example'],
  ['sub_domain.example.org', 'example'],
  ['-dash.example.com', 'example'],
  ['http://user:pass@www.test-site.co.uk:8443/path', 'testsite'],
  ['WWW.Example.ORG', 'example'],
])('an alias for %s is called %s and a word', (hostname, site) => {
  for (let count = 0; count < 50; count++)
    expect(randomName(hostname)).toMatch(new RegExp(`^${site}\\.[a-z]{5,10}$`))
})

test.each([
  '',
  'localhost',
  '...',
  '192.0.2.1',
  'https://',
  '日本.日本',
  '\0',
  `x${'\r\n'}`,
  '.'.repeat(100_000),
])('an alias for %j is long and cannot be guessed', (hostname) => {
  expect(randomName(hostname)).toMatch(/^[a-z0-9]{20}$/)
  expect(randomName(hostname)).not.toBe(randomName(hostname))
})

test('whatever the site, it is the local part of an address', () => {
  for (const hostname of ['a.b', `${'x'.repeat(300)}.com`, 'ä.example.com', '-.com', '@.com', '$(id).com'])
    expect([hostname, parseAddress(`${randomName(hostname)}@example.com`) !== undefined]).toEqual([
      hostname,
      true,
    ])
})
