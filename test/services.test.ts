import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listenerTable } from '../src/app/listeners.ts'
import { isSettingName } from '../src/app/settings/table.ts'

/** Mailu's services, each with the page that says what became of it. */
const services = [
  'admin',
  'antispam',
  'antivirus',
  'docs',
  'fetchmail',
  'front',
  'imap',
  'rainloop',
  'resolver',
  'roundcube',
  'setup',
  'smtp',
  'traefik-certdumper',
  'webdav',
]

const chapters = [
  'Purpose',
  'How it starts',
  'Configuration',
  'Files and volumes',
  'Overrides',
  'Ports',
  'Who talks to whom',
]

const page = (name: string) => readFileSync(`docs/services/${name}.md`, 'utf8')

test('there is a page for every service, and none for a service that does not exist', () => {
  expect(readdirSync('docs/services').sort()).toEqual(
    [...services, 'README'].map((name) => `${name}.md`).sort(),
  )
})

test.each(services)('the page of %s says all that an administrator asks', (name) => {
  const found = [...page(name).matchAll(/^## (.+)$/gm)].map(([, title]) => title)
  expect(found).toEqual(chapters)
})

test('the ports in the pages are the ports the server opens', () => {
  const written = services.flatMap((name) =>
    [...page(name).matchAll(/^\| (\d+) \| `([\w-]+)` \|/gm)].map(
      ([, port, listener]) => `${port} ${listener}`,
    ),
  )
  expect(written.sort()).toEqual(listenerTable.map(({ port, name }) => `${port} ${name}`).sort())
})

test.each(services)('the settings that the page of %s names are obeyed, or said to be not', (name) => {
  const [, chapter = ''] = /^## Configuration\n([\s\S]*?)^## /m.exec(page(name)) ?? []
  const named = [...chapter.matchAll(/`([A-Z][A-Z0-9_]+)`(?! has no meaning)/g)].map(([, setting]) => setting)
  expect(named.filter((setting) => !isSettingName(setting ?? ''))).toEqual([])
})
