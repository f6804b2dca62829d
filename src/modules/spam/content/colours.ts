/** Red, green, blue, each up to 255; undefined where nobody can tell. */
type Colour = readonly [number, number, number] | undefined

/** What text is written with, and on. */
export interface Page {
  readonly ink: Colour
  readonly paper: Colour
}

export const blankPage: Page = { ink: [0, 0, 0], paper: [255, 255, 255] }

const names: Readonly<Record<string, Colour>> = {
  white: [255, 255, 255],
  snow: [255, 250, 250],
  ivory: [255, 255, 240],
  whitesmoke: [245, 245, 245],
  black: [0, 0, 0],
  red: [255, 0, 0],
  yellow: [255, 255, 0],
  blue: [0, 0, 255],
  green: [0, 128, 0],
}
const hex = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i
const rgb = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/]\s*1(?:\.0*)?\s*)?\)$/i

function colourOf(text: string): Colour {
  const value = text.trim().toLowerCase()
  const [, digits] = hex.exec(value) ?? []
  if (digits !== undefined) {
    const each = digits.length === 3 ? digits.split('').map((one) => one + one) : (digits.match(/../g) ?? [])
    return asColour(each.map((one) => Number.parseInt(one, 16)))
  }
  const [, ...numbers] = rgb.exec(value) ?? []
  return numbers.length === 3 ? asColour(numbers.map(Number)) : names[value]
}

const asColour = ([red = 0, green = 0, blue = 0]: readonly number[]): Colour => [red, green, blue]

/** A person does not see letters that differ less from what they stand on. */
const leastDifference = 24

export function isUnseen({ ink, paper }: Page): boolean {
  if (!ink || !paper) return false
  return ink.reduce((sum, part, at) => sum + Math.abs(part - (paper[at] ?? 0)), 0) < leastDifference
}

const inkStyle = /(?:^|[;\s])color\s*:\s*([^;!]{3,40})/i
const paperStyle = /(?:^|[;\s])background(?:-color)?\s*:\s*([^;!]{3,200})/i

/** What an element changes of the page that it stands on; pictures, and what a style sheet may say, are not looked at. */
export function pageOf(attributes: ReadonlyMap<string, string>, above: Page, isStyled: boolean): Page {
  const style = attributes.get('style') ?? ''
  const ink = inkStyle.exec(style)?.[1] ?? attributes.get('color') ?? attributes.get('text')
  const paper = paperStyle.exec(style)?.[1] ?? attributes.get('bgcolor')
  const isUnknown =
    attributes.has('background') ||
    /(?:^|[;\s-])background-image\s*:/i.test(style) ||
    (isStyled && (attributes.has('class') || attributes.has('id')))
  if (isUnknown) return { ink: ink === undefined ? above.ink : colourOf(ink), paper: undefined }
  return {
    ink: ink === undefined ? above.ink : colourOf(ink),
    paper: paper === undefined || paper.trim() === 'transparent' ? above.paper : colourOf(paper),
  }
}
