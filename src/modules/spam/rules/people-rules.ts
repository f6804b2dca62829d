import type { ListMailbox } from '../../../lib/mime/address-list.ts'
import { type Evidence, registeredPart } from './evidence.ts'
import type { Rule } from './rule.ts'

/** Who it says it is from and for. */
export const peopleRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'FROM_INVALID',
    weight: 2,
    group: 'people',
    why: 'is from an address that cannot exist',
    test: ({ from }) =>
      from.some(({ local, domain }) => local === '' || !/^[^.\s][^\s]*\.[^.\s]+$/.test(domain)),
  },
  {
    symbol: 'FROM_NO_DN',
    weight: 0.1,
    group: 'people',
    why: 'gives no name of its sender',
    test: ({ from }) => from.length > 0 && from.every(({ name }) => name === undefined || name === ''),
  },
  {
    symbol: 'FROM_DIGITS',
    weight: 1,
    group: 'people',
    why: 'is from an address full of digits',
    test: ({ from }) => from.some(({ local }) => /\d{4,}/.test(local) || /[a-z]\d+[a-z]+\d/i.test(local)),
  },
  {
    symbol: 'SPOOF_DISPLAY_NAME',
    weight: 8,
    group: 'people',
    why: 'shows another address as the name of its sender',
    test: ({ from }) => from.some(showsOtherAddress),
  },
  {
    symbol: 'FROM_DN_EQ_ADDR',
    weight: 1,
    group: 'people',
    why: 'shows the address of its sender as the name',
    test: ({ from }) =>
      from.some(
        ({ name, local, domain }) => name?.trim().toLowerCase() === `${local}@${domain}`.toLowerCase(),
      ),
  },
  {
    symbol: 'TO_EQ_FROM',
    weight: 1,
    group: 'people',
    why: 'is from the one it is for',
    test: ({ from, to, values }) =>
      values('list-id').length === 0 && to.length === 1 && from.some((one) => same(one, to[0])),
  },
  {
    symbol: 'REPLYTO_EQ_TO_ADDR',
    weight: 3,
    group: 'people',
    why: 'wants its answer to go to the one it is for',
    test: ({ replyTo, to, values }) =>
      values('list-id').length === 0 && to.length === 1 && replyTo.some((one) => same(one, to[0])),
  },
  {
    symbol: 'REPLYTO_NEQ_FROM_DOM',
    weight: 0.3,
    group: 'people',
    why: 'wants its answer at another domain',
    test: ({ replyTo, from }) =>
      replyTo.length > 0 && from.length > 0 && !replyTo.some(({ domain }) => isOf(domain, from)),
  },
  {
    symbol: 'FREEMAIL_REPLYTO_NEQ_FROM_DOM',
    weight: 3,
    group: 'people',
    why: 'wants its answer at a free mailbox elsewhere',
    // Lists put their own name into From.
    test: ({ replyTo, from, values }) =>
      values('list-id').length === 0 &&
      replyTo.some(({ domain }) => isFreeMail(domain) && from.length > 0 && !isOf(domain, from)),
  },
  {
    symbol: 'FREEMAIL_FROM',
    weight: 0,
    group: 'people',
    why: 'is from a free mailbox',
    test: ({ from }) => from.some(({ domain }) => isFreeMail(domain)),
  },
  {
    symbol: 'R_UNDISC_RCPT',
    weight: 3,
    group: 'people',
    why: 'hides whom it is for',
    test: ({ values }) => values('to').some((to) => /undisclosed.recipients?/i.test(to)),
  },
  {
    symbol: 'RCPT_COUNT_MANY',
    weight: 0.5,
    group: 'people',
    why: 'is for very many people',
    test: ({ to, cc }) => to.length + cc.length > 12,
  },
  {
    symbol: 'SORTED_RECIPS',
    weight: 3.5,
    group: 'people',
    why: 'is for people in the order of the alphabet',
    test: ({ to, cc }) => isSorted([...to, ...cc]),
  },
  {
    symbol: 'SUSPICIOUS_RECIPS',
    weight: 1.5,
    group: 'people',
    why: 'is for people with similar names',
    test: ({ to, cc }) => areSimilar([...to, ...cc]),
  },
  {
    symbol: 'MID_NEQ_FROM_DOM',
    weight: 0,
    group: 'people',
    why: 'has a Message-ID of another domain than its sender',
    test: ({ values, from }) => {
      const domain = /@([^>\s]+)>?\s*$/.exec(values('message-id')[0] ?? '')?.[1]
      return domain !== undefined && from.length > 0 && !isOf(domain, from)
    },
  },
  {
    symbol: 'MID_RHS_NOT_FQDN',
    weight: 0.5,
    group: 'people',
    why: 'has a Message-ID without a full host name',
    test: ({ values }) => values('message-id').some((id) => /@[^.>]+>?$/.test(id)),
  },
]

const same = (one: ListMailbox, other: ListMailbox | undefined): boolean =>
  other !== undefined &&
  `${one.local}@${one.domain}`.toLowerCase() === `${other.local}@${other.domain}`.toLowerCase()

const isOf = (domain: string, people: readonly ListMailbox[]): boolean =>
  people.some((one) => registeredPart(one.domain) === registeredPart(domain))

function showsOtherAddress({ name, domain }: ListMailbox): boolean {
  const shown = /@([\w-]+(?:\.[\w-]+)+)/.exec(name ?? '')?.[1]
  return shown !== undefined && registeredPart(shown) !== registeredPart(domain)
}

const freeMail = new Set([
  'aol.com',
  'excite.com',
  'gmail.com',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hotmail.co.uk',
  'hotmail.com',
  'hotmail.fr',
  'icloud.com',
  'juno.com',
  'libero.it',
  'live.com',
  'lycos.com',
  'mail.com',
  'mail.ru',
  'msn.com',
  'orange.fr',
  'outlook.com',
  'proton.me',
  'protonmail.com',
  'qq.com',
  't-online.de',
  'usa.net',
  'wanadoo.fr',
  'web.de',
  'yahoo.co.uk',
  'yahoo.com',
  'yahoo.de',
  'yahoo.fr',
  'yandex.ru',
  '126.com',
  '163.com',
])

const isFreeMail = (domain: string): boolean => freeMail.has(domain.toLowerCase())

const fewest = 7

function isSorted(people: readonly ListMailbox[]): boolean {
  if (people.length < fewest) return false
  const names = people.map(({ local, domain }) => `${local}@${domain}`.toLowerCase())
  return names.every((name, at) => at === 0 || (names[at - 1] ?? '') < name)
}

function areSimilar(people: readonly ListMailbox[]): boolean {
  if (people.length < fewest) return false
  const starts = new Set(people.map(({ local }) => local.slice(0, 3).toLowerCase()))
  return starts.size * 2 < people.length
}
