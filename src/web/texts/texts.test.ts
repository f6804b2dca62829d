import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Language, languages } from '../../lib/page-languages.ts'
import { parseScript } from '../../modules/sieve/grammar/parser.ts'
import { dayOf } from '../site/moment.ts'
import { catalogue, languageAskedFor, reasonIn, textsIn } from './texts.ts'

const others = (Object.keys(languages) as Language[]).filter((name) => name !== 'en')
const english = catalogue('en')
const plain = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '')
const keysOf = (texts: object) => new Set(Object.keys(texts).map(plain))
const sources = globSync('src/web/**/*.ts', { exclude: ['**/*.test.ts'] }).map((file) =>
  readFileSync(file, 'utf8'),
)

test('every text that a page asks for is there, and every text is asked for', () => {
  const quoted = new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/'([a-z0-9-]+(?:\.[a-z0-9-]+)?)'/g)].map(([, key = '']) => key),
    ),
  )
  const asked = new Set(
    sources.flatMap((text) => [...text.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key = '']) => key)),
  )
  expect(asked.size).toBeGreaterThan(50)
  expect([...asked].filter((key) => !keysOf(english).has(key))).toEqual([])
  expect([...keysOf(english)].filter((key) => !quoted.has(key))).toEqual([])
})

const values = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).toSorted()

test.each(others)('%s has every text, with the same values in it, and none in English', (name) => {
  const texts = catalogue(name)
  expect([...keysOf(texts)].toSorted()).toEqual([...keysOf(english)].toSorted())
  for (const [key, text] of Object.entries(texts)) {
    const original = english[key] ?? english[`${plain(key)}_other`] ?? ''
    expect([key, values(text)]).toEqual([key, values(original)])
    if (original.split(' ').length > 3) expect(text).not.toBe(original)
  }
  for (const rule of new Intl.PluralRules(name).resolvedOptions().pluralCategories)
    for (const key of Object.keys(english).filter((each) => each.endsWith('_other')))
      expect(texts).toHaveProperty([key.replace(/other$/, rule)])
})

test.each(others)('%s has every reason, with the same values in it, and none in English', (name) => {
  const reasons = catalogue(name, 'reasons/')
  const original = catalogue('en', 'reasons/')
  expect(Object.keys(reasons).toSorted()).toEqual(Object.keys(original).toSorted())
  for (const [key, text] of Object.entries(original)) {
    expect([key, values(reasons[key] ?? '')]).toEqual([key, values(text)])
    if (text.split(' ').length > 3) expect(reasons[key]).not.toBe(text)
  }
})

test('a reason has its values, and one that is none of ours has no text', () => {
  expect(reasonIn('en', 'certificate.refused', { said: '$& {{said}}' })).toBe(
    'The authority refused: $& {{said}}',
  )
  expect(reasonIn('de', 'MISSING_DATE')).toBe('hat kein Datum')
  expect(reasonIn('de', 'NEURAL_SPAM')).toBeUndefined()
  expect(reasonIn('de', 'constructor')).toBeUndefined()
})

test.each([
  ['', 'en'],
  ['de', 'de'],
  ['de-CH, en;q=0.5', 'de'],
  ['xx, en;q=0.5, de;q=0.6', 'de'],
  ['de;q=0', 'en'],
  ['*', 'en'],
  ['nn-NO', 'nb'],
  ['no', 'nb'],
  ['zh-CN', 'zh'],
  ['zh-Hant-HK', 'zh-TW'],
  ['zh-tw, zh;q=0.9', 'zh-TW'],
  ['pt-BR', 'pt'],
  [`${'x,'.repeat(100_000)}de`, 'en'],
])('who asks for %j reads %s', (header, language) => {
  expect(languageAskedFor(header, 'en')).toBe(language)
})

test('numbers choose their words', () => {
  const t = textsIn('en')
  expect(t('sign-in.throttled', { count: 1 })).toContain('1 minute.')
  expect(t('sign-in.throttled', { count: 2 })).toContain('2 minutes.')
})

test.each(Object.keys(languages) as Language[])(
  'the rules that are shown as an example work in %s',
  (name) => {
    const script = catalogue(name)['filters.example'] ?? ''
    expect(() => parseScript(script)).not.toThrow()
    expect(script).toContain(':create')
  },
)

test('a number is written in the digits of the language, and chooses its plural', () => {
  expect(textsIn('fa')('sign-in.throttled', { count: 1234 })).toContain('۱٬۲۳۴')
  expect(textsIn('de')('filters.too-large', { count: 20_000 })).toContain('20.000')
})

test('days are written as in Portugal', () => {
  expect(dayOf({ language: 'pt', timeZone: 'Etc/UTC' }, 0)).toBe('01/01/1970')
})
