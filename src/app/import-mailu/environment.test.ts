import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mailuForTest } from '../../../test/support/mailu-installation.ts'
import { chosen, otherSettings, readEnvironment } from './environment.ts'

const here = {
  SECRET_KEY: 'ours',
  DKIM_SELECTOR: 'dkim',
  RECIPIENT_DELIMITER: '+',
  DOMAIN: 'xn--bro-hoa.example',
  POSTMASTER: 'admin',
}

function differing(mailuEnv: string): string[] {
  const { root } = mailuForTest({})
  writeFileSync(join(root, 'mailu.env'), mailuEnv)
  return otherSettings(readEnvironment(root), chosen(here)).map(({ on, text }) => `${on} ${text}`)
}

test('settings that are the same in another spelling do not differ', () => {
  expect(
    differing(`# ours\nSECRET_KEY=ours\nDOMAIN="BÜRO.example"\nPOSTMASTER=Admin\nWEBMAIL=none\n`),
  ).toEqual([])
})

test('what differs is told, and of the secret key nothing', () => {
  expect(differing('SECRET_KEY=theirs\nDKIM_SELECTOR=k1\nRECIPIENT_DELIMITER=+-\n')).toEqual([
    expect.stringMatching(/^SECRET_KEY take it from mailu\.env/),
    'DKIM_SELECTOR is dkim here and k1 there',
    'RECIPIENT_DELIMITER is + here and +- there',
  ])
  expect(JSON.stringify(chosen(here))).not.toContain('ours')
})

test('without a mailu.env nothing differs', () => {
  expect(otherSettings(readEnvironment(mailuForTest({}).root), chosen(here))).toEqual([])
})
