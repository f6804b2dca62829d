import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAddress } from './address.ts'
import { BadSyntax } from './bad-syntax.ts'
import { parseRouteKey, type RouteKey, readRouteMap, senderKey, withRoute } from './route-map.ts'

const text = `# by whom
Ann@Home.Example   smtp.far.example:587  ann: a b:c
@home.example      mx:relay.example
far.example        :2525                 us:x
v6.example         [2001:db8::1]:25
`

test('lines say whose mail goes where, and who we are there', () => {
  const shown = [...readRouteMap(text)].map(([key, { target, login }]) => [
    key,
    `${target.byMx ? 'mx:' : ''}${target.host}:${target.port ?? ''}`,
    login && `${login.user} ${login.password}`,
  ])
  expect(shown).toEqual([
    ['ann@home.example', 'smtp.far.example:587', 'ann  a b:c'],
    ['@home.example', 'mx:relay.example:', undefined],
    ['far.example', 'mx:far.example:2525', 'us x'],
    ['v6.example', '2001:db8::1:25', undefined],
  ])
})

test.each([
  ['alone', 'line 1'],
  ['\nann@home.example :587', 'line 2'],
  ['a@b@c d', 'line 1'],
  ['far.example [::1', 'line 1'],
  ['far.example relay.example no-colon', 'line 1'],
  ['far.example relay.example :no-user', 'line 1'],
])('%j is told with its line', (wrong, where) => {
  expect(() => readRouteMap(wrong)).toThrow(BadSyntax)
  expect(() => readRouteMap(wrong)).toThrow(where)
})

test.each([
  ['ann@home.example', 'ann@home.example'],
  ['bob@home.example', '@home.example'],
  ['bob@far.example', undefined],
])('mail from %s: %s', (sender, key) => {
  expect(senderKey(readRouteMap(text), parseAddress(sender))).toBe(key)
})

test.each(['#ann@home.example', '"a b"@home.example', '@', 'a@@b', ''])('%j is nobody’s mail', (text) => {
  expect(parseRouteKey(text)).toBe(undefined)
})

test('a line is replaced or taken out, and comments stay', () => {
  const key = parseRouteKey('ANN@home.example') as RouteKey
  const changed = withRoute(text, key, 'ann@home.example other.example')
  expect(changed).toContain('# by whom\n@home.example')
  expect(readRouteMap(changed).get(key)?.target.host).toBe('other.example')
  expect(readRouteMap(withRoute(changed, key, undefined)).has(key)).toBe(false)
  expect(withRoute('', key, 'x')).toBe('x\n')
})

test('whatever somebody writes, nothing but BadSyntax comes out', () => {
  const word = fc.constantFrom(
    'ann@home.example',
    '@',
    'far.example',
    ' ',
    '\t',
    ':',
    '[',
    '::1',
    ']',
    'mx:',
    '#',
    '\n',
    'x:y',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 12 }), (words) => {
      try {
        readRouteMap(words.join(''))
      } catch (cause) {
        expect(cause).toBeInstanceOf(BadSyntax)
      }
    }),
  )
})
