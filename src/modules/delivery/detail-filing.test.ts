import { expect, test } from 'vitest'
import { type Citizen, DeliveryWorld, inShort, type Sent } from '../../../test/support/delivery-world.ts'

const ann = (more: Partial<Citizen> = {}): Citizen => ({ address: 'ann@a.test', ...more })

const rows: readonly [string, readonly Citizen[], Partial<Sent>, readonly string[]][] = [
  [
    'a plus-address, where a folder has its name',
    [ann({ detailFiling: true, folders: ['News'] })],
    { to: ['ann+news@a.test'] },
    ['1 News'],
  ],
  [
    'a plus-address, where no folder has its name',
    [ann({ detailFiling: true, folders: ['News'] })],
    { to: ['ann+shop@a.test'] },
    ['1 INBOX'],
  ],
  [
    'a plus-address that names a folder of the server',
    [ann({ detailFiling: true })],
    { to: ['ann+junk@a.test'] },
    ['1 INBOX'],
  ],
  [
    'a plus-address, where its owner wants no folders',
    [ann({ folders: ['news'] })],
    { to: ['ann+news@a.test'] },
    ['1 INBOX'],
  ],
  [
    'a plus-address about which the script has its say',
    [ann({ detailFiling: true, folders: ['news'], script: 'keep;' })],
    { to: ['ann+news@a.test'] },
    ['1 INBOX'],
  ],
  [
    'a plus-address that the script only flags',
    [
      ann({
        detailFiling: true,
        folders: ['news'],
        script: 'require ["imap4flags", "editheader"]; addflag "\\\\Flagged"; addheader "X-A" "b";',
      }),
    ],
    { to: ['ann+news@a.test'] },
    ['edited: 1 news \\Flagged'],
  ],
  [
    'spam to a plus-address',
    [ann({ detailFiling: true, folders: ['news'] })],
    { to: ['ann+news@a.test'], score: 15 },
    ['1 Junk \\Seen'],
  ],
]

test.each(rows)('%s', async (_, people, sent, expected) => {
  expect(inShort(await new DeliveryWorld({ people }).plan({ to: ['ann@a.test'], ...sent }))).toEqual(expected)
})
