import { decodeWords } from '../../../src/lib/mime/encoded-word.ts'
import { fieldValues, readHeader } from '../../../src/lib/mime/header.ts'
import { matchRegex, readRegex } from '../../../src/modules/sieve/match/regex.ts'
import type { SieveFacts } from '../../../src/ports/sieve.ts'
import { sieveSettings } from '../../support/sieve-facts.ts'

type Config = ReadonlyMap<string, string>

/** What Pigeonhole's settings mean for the facts that a script is evaluated over. */
export function factsOfConfig(facts: SieveFacts, config: Config, originalTo: string | undefined): SieveFacts {
  const email = config.get('sieve_user_email')?.replace(/[<>]/g, '')
  const address = email ?? facts.envelope.to ?? 'recipient@example.com'
  return {
    ...facts,
    owner: {
      ...facts.owner,
      address,
      addresses: [
        address,
        facts.envelope.to ?? address,
        ...(config.get('sieve_vacation_use_original_recipient') === 'yes' ? [originalTo ?? address] : []),
      ],
    },
    environment: {
      'vnd.dovecot.username': 'stephan',
      name: 'Pigeonhole Sieve',
      version: '0.5.19',
      location: 'MS',
      phase: 'post',
      domain: 'example.com',
      host: 'host.example.com',
      'remote-host': '',
    },
    spam: { spamPercent: spamPercent(facts, config), virus: virus(facts, config) },
    settings: settingsOf(config),
  }
}

function settingsOf(config: Config): SieveFacts['settings'] {
  const number = (name: string, other: number) => Number(config.get(name) ?? other)
  const isOn = (name: string) => config.get(name) === 'yes'
  const words = (name: string) =>
    (config.get(name) ?? '').split(/[\s,]+/).filter((word) => word !== '' && word !== 'subject')
  const { vacation, limits, editHeader } = sieveSettings
  return {
    ...sieveSettings,
    recipientDelimiters: config.get('recipient_delimiter') ?? '+',
    vacation: {
      ...vacation,
      minSeconds: config.get('sieve_vacation_min_period') === undefined ? vacation.minSeconds : 0,
      answersAliases: isOn('sieve_vacation_dont_check_recipient'),
      fromOwner: isOn('sieve_vacation_send_from_recipient'),
      toHeader: isOn('sieve_vacation_to_header_ignore_envelope'),
      subject: config.get('sieve_vacation_default_subject') ?? vacation.subject,
      subjectTemplate: (
        config.get('sieve_vacation_default_subject_template') || vacation.subjectTemplate
      ).replace(/%\$|%\{subject\}/g, '%s'),
      subjectCharacters: number('sieve_vacation_max_subject_codepoints', vacation.subjectCharacters),
    },
    editHeader: {
      maxFieldOctets: octets(config.get('sieve_editheader_max_header_size')) ?? editHeader.maxFieldOctets,
      forbidAdd: [...words('sieve_editheader_protected'), ...words('sieve_editheader_forbid_add')],
      forbidDelete: [...words('sieve_editheader_protected'), ...words('sieve_editheader_forbid_delete')],
    },
    limits: {
      ...limits,
      variableOctets: octets(config.get('sieve_variables_max_variable_size')) ?? limits.variableOctets,
    },
  }
}

function octets(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  return Number.parseInt(text, 10) * (/k/i.test(text) ? 1024 : 1)
}

/** `X-Spam: regex` and how its value is read: a score, a row of marks, or words. */
function status(facts: SieveFacts, config: Config, prefix: string): string | undefined {
  const [name = '', pattern] = (config.get(`${prefix}_status_header`) ?? '').split(/:\s*([\s\S]*)/)
  const [value] = fieldValues(readHeader(facts.message.bytes), name.trim().toLowerCase())
  if (value === undefined || pattern === undefined || pattern === '')
    return value === undefined ? undefined : decodeWords(value)
  return captured(pattern.trim(), value)
}

function captured(pattern: string, value: string): string | undefined {
  const regex = readRegex(pattern)
  if (regex.kind === 'wrong') return undefined
  const found = matchRegex(regex, value, { fold: true, spend: () => undefined })
  return found?.[1] ?? found?.[0]
}

function spamPercent(facts: SieveFacts, config: Config): number | undefined {
  const value = status(facts, config, 'sieve_spamtest')
  if (value === undefined) return undefined
  const type = config.get('sieve_spamtest_status_type')
  if (type === 'text') {
    const rank = Array.from({ length: 11 }, (_, index) => index).find(
      (index) => config.get(`sieve_spamtest_text_value${index}`) === value,
    )
    return rank === undefined || rank === 0 ? undefined : ((rank - 1) * 100) / 9
  }
  const score = type === 'strlen' ? value.length : Number.parseFloat(value)
  const maxHeader = config.get('sieve_spamtest_max_header')
  const max =
    maxHeader === undefined ? Number(config.get('sieve_spamtest_max_value')) : maxOf(facts, maxHeader)
  if (Number.isNaN(score) || max === undefined || Number.isNaN(max)) return undefined
  return score < 0 ? 0 : Math.min(100, (score * 100) / max)
}

function maxOf(facts: SieveFacts, header: string): number | undefined {
  const [name = '', pattern] = header.split(/:\s*([\s\S]*)/)
  const [value] = fieldValues(readHeader(facts.message.bytes), name.trim().toLowerCase())
  return value === undefined
    ? undefined
    : Number(pattern === undefined ? value : captured(pattern.trim(), value))
}

function virus(facts: SieveFacts, config: Config): SieveFacts['spam']['virus'] {
  const value = status(facts, config, 'sieve_virustest')
  const levels = [0, 1, 2, 3, 4, 5] as const
  if (config.get('sieve_virustest_status_type') === 'text') {
    return levels.find((level) => config.get(`sieve_virustest_text_value${level}`) === value) ?? 0
  }
  return levels.find((level) => level === Number(value)) ?? 0
}
