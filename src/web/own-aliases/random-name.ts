import { randomBytes, randomInt } from 'node:crypto'

/** Two short words together: easy to read out, and some thousands of them. */
const firsts =
  'able airy bold brave brisk calm cheap civil clean clear close cool crisp curly dark deep early easy fair famous fancy fast fine firm flat fond fresh full glad gold good grand gray great green handy happy hazel heavy high huge jolly keen kind large late light lively long loud loyal lucky merry mild neat new noble old open pale plain plump polite proud pure quick quiet rapid rare ready rich ripe round royal rural sharp shiny silky silent silver simple slim slow small smart smooth snowy soft solid sound spare steep still sunny super sure sweet swift tall tame tender thick thin tidy tiny true vast vivid warm wide wild wise young'.split(
    ' ',
  )
const seconds =
  'ant ape arch ash bay bear bee bell bird boat book bowl bush cake calf cape card cave city clay coat coin colt cook corn cove crab crow cube dale dawn deer desk dog door dove duck dune elk elm farm fern fig film fish flag foam fog fork fox frog gate gem goat harp hat hawk hen hill horn iris isle ivy jar jay kite lake lamb lamp lane lark leaf lily lime lion loaf loom lynx map mare mint mist mole moon moss moth nest nut oak oat oven owl palm park path pear pine pond pony pot rain reef ring road robe rock rose salt sand seal seed ship shoe snow song soup star stem sun swan tea tent tide toad tree vale vase vine wave well wind wing wolf wood wren yard'.split(
    ' ',
  )
const longest = 10

/** `amazon.calmfox` for `https://www.amazon.com/some/path`: its owner sees later who was given it. Without a site nothing can be guessed. */
export function randomName(hostname: string): string {
  const site = siteOf(hostname)
  // Never with a hyphen in front, which programs take for an option.
  return site === '' ? randomBytes(10).toString('hex') : `${site}.${word()}`
}

function word(): string {
  const first = firsts[randomInt(firsts.length)] ?? ''
  const fitting = seconds.filter((second) => first.length + second.length <= longest)
  return first + (fitting[randomInt(fitting.length)] ?? '')
}

/** What a site is called: `test` of `shop.test.co.uk`. Empty where that cannot be told. */
function siteOf(hostname: string): string {
  const host = hostname
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .replace(/^.*@/s, '')
    .replace(/:\d*$/, '')
    .toLowerCase()
  const labels = host.split('.').filter((label) => label !== '')
  if (labels.length < 2 || /^[\d.]+$/.test(host)) return ''
  const name = labels.at(hasTwoLabelSuffix(labels) ? -3 : -2) ?? ''
  return name.replace(/[^a-z0-9]/g, '').slice(0, 40)
}

/** The whole list of public suffixes is long, and this is only a name to read. */
const secondLevels = /^(?:ac|co|com|edu|gob|gov|gouv|go|ltd|me|mil|ne|net|nom|or|org|plc|sch)$/

function hasTwoLabelSuffix(labels: readonly string[]): boolean {
  return labels.length > 2 && labels.at(-1)?.length === 2 && secondLevels.test(labels.at(-2) ?? '')
}
