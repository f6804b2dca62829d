import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sourceFiles } from './support/imports.ts'

interface Row {
  readonly rfc: string
  readonly status: string
  readonly places: readonly string[]
}

const rows: Row[] = readFileSync('docs/standards.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, rfc, status = '', places = ''] = /^\| RFC (\d+) \|[^|]*\| (\w+) \|([^|]*)\|/.exec(line) ?? []
    return rfc === undefined
      ? []
      : [{ rfc, status, places: [...places.matchAll(/`([^`]+)`/g)].map(([, place = '']) => place) }]
  })

const files = sourceFiles('src')
const citedIn = (text: string) => new Set([...text.matchAll(/\bRFC (\d{3,5})\b/g)].map(([, rfc = '']) => rfc))
const citations = files.flatMap(({ path, text }) => [...citedIn(text)].map((rfc) => ({ path, rfc })))
const built = rows.filter(({ status }) => status === 'done' || status === 'partly')

test('the table is read, and says of each standard done, partly or planned', () => {
  expect(rows.length).toBeGreaterThan(60)
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['done', 'partly', 'planned']))
  expect(rows.map(({ rfc }) => rfc)).toEqual([...new Set(rows.map(({ rfc }) => rfc))])
})

test('every standard that the code cites is listed, at the place that cites it', () => {
  const unlisted = citations.filter(({ path, rfc }) => {
    const row = built.find((each) => each.rfc === rfc)
    return !row?.places.some((place) => path.startsWith(place))
  })
  expect(unlisted.map(({ path, rfc }) => `${path} cites RFC ${rfc}`)).toEqual([])
})

test('every place that the table names exists and cites its standard', () => {
  const empty = built.flatMap(({ rfc, places }) =>
    places
      .filter(
        (place) =>
          !existsSync(place) ||
          !citations.some(({ path, rfc: cited }) => cited === rfc && path.startsWith(place)),
      )
      .map((place) => `RFC ${rfc}: ${place}`),
  )
  expect(empty).toEqual([])
  expect(built.filter(({ places }) => places.length === 0)).toEqual([])
})
