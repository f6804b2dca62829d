import { expect, test } from 'vitest'
import { answerAt, isRegisteredRedirect, redirectUriProblem } from './redirect-uri.ts'

test.each([
  'https://app.example.com/callback',
  'https://app.example.com/callback?tenant=1',
  'http://127.0.0.1/callback',
  'http://[::1]:8000/',
  'http://localhost',
  'com.example.app:/callback',
])('answers may go to %s', (uri) => {
  expect(redirectUriProblem(uri)).toBeUndefined()
})

test.each([
  '',
  '/callback',
  'app.example.com',
  'http://app.example.com/callback',
  'http://127.0.0.1.example.com/',
  'https://app.example.com/callback#x',
  'https://ann@app.example.com/',
  'https://app.example.com/a b',
  'https://app.example.com/"><script>',
  'javascript:alert(1)',
  'data:text/html,x',
  'myapp:/callback',
  'https://app.example.com\\@evil.test/',
  `https://app.example.com/${'a'.repeat(1000)}`,
])('answers may not go to %j', (uri) => {
  expect(redirectUriProblem(uri)).toBeTypeOf('string')
})

test.each([
  [['https://a.test/cb'], 'https://a.test/cb', true],
  [['https://a.test/cb'], 'https://a.test/cb/', false],
  [['https://a.test/cb'], 'https://a.test/cb?x=1', false],
  [['https://a.test/cb'], 'https://a.test:8443/cb', false],
  [['https://a.test/cb'], 'https://A.test/cb', false],
  [['https://a.test/cb'], 'https://a.test/x/../cb', false],
  [['https://a.test/cb'], 'https://a.test.evil.test/cb', false],
  [['https://a.test'], 'https://a.test@evil.test', false],
  [['http://127.0.0.1/cb'], 'http://127.0.0.1:49152/cb', true],
  [['http://127.0.0.1:1/cb'], 'http://127.0.0.1/cb', true],
  [['http://[::1]/cb'], 'http://[::1]:5/cb', true],
  [['http://localhost'], 'http://localhost:8080', true],
  [['http://127.0.0.1/cb'], 'http://127.0.0.1:49152/other', false],
  [['http://127.0.0.1/cb'], 'http://localhost/cb', false],
  [['http://127.0.0.1/cb'], 'http://127.0.0.1:1@evil.test/cb', false],
  [['http://127.0.0.1/cb'], 'http://127.0.0.1:1.evil.test/cb', false],
  [['com.example.app:/cb'], 'com.example.app:/cb', true],
  [['com.example.app:/cb'], 'com.example.app:/cb2', false],
  [[], 'https://a.test/cb', false],
])('registered %j, asked %s: %s', (registered, asked, expected) => {
  expect(isRegisteredRedirect(registered, asked)).toBe(expected)
})

test('an answer stands behind what the address has', () => {
  expect(answerAt('https://a.test/cb', { code: 'a&b' })).toBe('https://a.test/cb?code=a%26b')
  expect(answerAt('https://a.test/cb?x=1', { code: 'c' })).toBe('https://a.test/cb?x=1&code=c')
})
