import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fetchTexts } from '../src/modules/fetch/trouble-texts.ts'
import { todoTexts, troubleTexts } from '../src/modules/proxy/acme/trouble-texts.ts'
import { extendedError } from '../src/modules/resolver/reasons.ts'
import { reputations } from '../src/modules/spam/known/reputation.ts'
import { signsOfLists } from '../src/modules/spam/lists/dns-lists.ts'
import { catalogue } from '../src/web/texts/texts.ts'

const english = catalogue('en', 'reasons/')
const source = globSync('src/modules/spam/**/*.ts', { exclude: ['**/*.test.ts'] })
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

/** What tables and code of the filter say, symbol by symbol. */
const symbols = new Map([
  ...[...source.matchAll(/\b(?:symbol|name): '([A-Z][A-Z0-9_]+)'[^}]*?\bwhy:\s+'([^']+)'/g)].map(
    ([, symbol = '', why = '']) => [symbol, why] as const,
  ),
  ...signsOfLists.map(({ symbol, why }) => [symbol, why] as const),
  ...Object.values(reputations)
    .flatMap(({ spam, ham }) => [spam, ham])
    .map(({ symbol, why }) => [symbol, why] as const),
])

test('every sign of the filter has its text, the same on pages as in the log', () => {
  const named = [...source.matchAll(/\bsymbol: '([A-Z][A-Z0-9_]+)'/g)].map(([, symbol = '']) => symbol)
  expect(named.length).toBeGreaterThan(150)
  expect(named.filter((symbol) => !symbols.has(symbol))).toEqual([])
  const told = Object.entries(english).filter(([key]) => /^[A-Z]/.test(key))
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(symbols))
})

const under = (head: string, texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([key, text]) => [`${head}.${key}`, text])

test('whatever is in the way of a fetched account has its text, the same on pages as in the log', () => {
  const told = Object.entries(english).filter(([key]) => key.startsWith('fetch.'))
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(under('fetch', fetchTexts)))
})

test('whatever is in the way of a certificate has its text, the same on pages as in the log', () => {
  const told = Object.entries(english).filter(([key]) => /^(?:certificate|todo)\./.test(key))
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries([...under('certificate', troubleTexts), ...under('todo', todoTexts)]),
  )
})

test('every reason of DNS has its text, and each result of a check', () => {
  const told = Object.keys(english).filter(
    (key) => /^[a-z]/.test(key) && !/^(?:certificate|todo|fetch)\./.test(key),
  )
  expect(told.toSorted()).toEqual(
    [
      ...Object.values(extendedError).map((code) => `dns.${code}`),
      ...['pass', 'fail', 'softfail', 'neutral', 'none', 'permerror'].map((result) => `spf.${result}`),
      ...['pass', 'fail', 'policy', 'neutral', 'permerror'].map((result) => `dkim.${result}`),
      ...['pass', 'fail', 'none', 'permerror'].map((result) => `dmarc.${result}`),
      ...['arc.pass', 'arc.fail', 'iprev.pass', 'iprev.fail', 'iprev.permerror', 'temperror'],
    ].toSorted(),
  )
})
