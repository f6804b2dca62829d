import { expect, test } from 'vitest'
import { parseAttachedApp } from './attached-app.ts'

test.each([
  ['/roundcube=http://127.0.0.1:8080/;mail', '/roundcube', 'http://127.0.0.1:8080/', 'mail'],
  ['/wiki=https://wiki.home.arpa', '/wiki', 'https://wiki.home.arpa/', 'user'],
  ['/a/b=http://10.0.0.5/inner;open', '/a/b', 'http://10.0.0.5/inner', 'open'],
  ['/rspamd=http://[::1]:11334;admin', '/rspamd', 'http://[::1]:11334/', 'admin'],
])('%s', (text, path, href, access) => {
  const app = parseAttachedApp(text)
  expect(app && { ...app, target: app.target.href }).toEqual({ path, target: href, access })
})

test.each([
  '',
  '/x',
  'x=http://a/',
  '/=http://a/',
  '/x/=http://a/',
  '/sso=http://a/',
  '/Account/x=http://a/',
  '/.well-known/x=http://a/',
  '/..=http://a/',
  '/x=ftp://a/',
  '/x=http://user:pw@a/',
  '/x=http://a/?q',
  '/x=http://a/#f',
  '/x=http://a/;everybody',
  '/x=http://',
])('%j is none', (text) => {
  expect(parseAttachedApp(text)).toBeUndefined()
})
