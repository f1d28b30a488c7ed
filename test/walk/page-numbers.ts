// Finds every number that a page shows, be it text, drawn on a canvas or entered in a field, with what stands around it: the text of its
// cell's head, the time that its panel names, and whether there is a way from it to its explanation. What is needed of which number is said
// in shown-classes.ts.

import type { Page } from 'playwright-core'

export interface ShownNumber {
  /** The text that holds digits. */
  readonly text: string
  /** Where: `section.air > table.parts > td.number`. */
  readonly where: string
  /** What it is by what stands beside it: heads of its row and column, the label of its field, the name of its axis, its row of the legend. */
  readonly heads: string
  /** All text of the panel that it belongs to: a time in it is of when the number is. */
  readonly panel: string
  /** True when a press leads from it to how it came to be: a "why?", a page of methods, or the panel that has them. */
  readonly hasWay: boolean
  /** Names of classes, and of marks, of its element and what holds it. */
  readonly marks: string
}

/** Runs in the page. A way counts when it stands in the same part of a panel as the number; a time, in the same panel. */
const COLLECT = `(() => {
  const WAY = '[data-why], a[href*="/cara-hitung"], a[href^="/api/v1/explain"], [data-act=select], [data-act=answer], [data-act=dayReport], [data-act=monthReport], a[href*="/readings?"]'
  const PART = 'section, figure, dialog, form, li, tr, [role=tabpanel], .detail-body, main, body'
  const PANEL = 'dialog, .detail-body, [role=tabpanel], main, body'
  const nameOf = (element) =>
    element.tagName.toLowerCase() + (element.id ? '#' + element.id : '') + [...element.classList].map((name) => '.' + name).join('')
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.closest('[hidden], script, style, template, noscript, select') === null
  const hasWay = (from) => {
    // An explanation is the way itself.
    if (from.closest('dialog.explanation') !== null) return true
    for (let at = from; at !== null; at = at.parentElement) {
      if (at.matches(WAY) || at.querySelector(':scope ' + WAY.split(', ').join(', :scope ')) !== null) return true
      if (at.matches(PART)) {
        // A line of a list or a table may be explained where the whole of it is.
        if (!at.matches('li, tr')) return false
      }
    }
    return false
  }
  const headsOf = (cell) => {
    if (cell === null) return ''
    const table = cell.closest('table')
    const column = table?.tHead?.rows[table.tHead.rows.length - 1]?.cells[cell.cellIndex]
    const row = cell.parentElement.querySelector('th')
    const corner = column?.parentElement.cells[0]
    // In the panel behind a "why?" the range of a metric stands under the metric's name.
    const title = cell.closest('dialog.explanation')?.querySelector('h2')
    return [row, column, corner, table?.caption, title].map((one) => one?.textContent ?? '').join(' | ')
  }
  const found = []
  const panels = []
  const placeOf = (panel) => {
    if (!panels.includes(panel)) panels.push(panel)
    return panels.indexOf(panel)
  }
  const add = (text, element, heads, mark = '') => {
    const chain = []
    for (let at = element; at !== null && at !== document.body; at = at.parentElement) chain.push(at)
    found.push({
      text,
      where: chain.slice(0, 4).reverse().map(nameOf).join(' > ') + mark,
      heads,
      panel: placeOf(element.closest(PANEL)),
      hasWay: hasWay(element),
      marks: mark + ' ' + chain.map(nameOf).join(' '),
    })
  }
  // A marker is explained by the rows of the legend that have one of its outline, an age by the legend's note.
  const legendOf = (width, height) => {
    const rows = [...document.querySelectorAll('.legend-rows img')]
      .filter((img) => img.width === width && img.height === height)
      .map((img) => img.closest('li').textContent + ' | ' + img.closest('section').querySelector('p.hint').textContent)
    return rows.length > 0 ? rows.join(' | ') : (document.querySelector('.legend-note')?.textContent ?? '')
  }
  for (const canvas of document.querySelectorAll('canvas')) {
    const drawn = isSeen(canvas) ? (globalThis.drawnOn?.(canvas) ?? []) : []
    const names = drawn.map(({ text }) => text).filter((text) => !/\\d/.test(text)).join(' | ')
    for (const { text, width, height } of drawn) {
      if (!/\\d/.test(text)) continue
      if (width === null) add(text, canvas, names, '.drawn')
      else add(text, canvas, legendOf(width, height), '.marker')
    }
  }
  for (const input of document.querySelectorAll('input, textarea')) {
    if (!isSeen(input) || !/\\d/.test(input.value) || ['checkbox', 'radio', 'hidden'].includes(input.type)) continue
    add(input.value, input, [...input.labels].map((label) => label.textContent).join(' | '), '.entered')
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.data.trim()
    const element = node.parentElement
    if (!/\\d/.test(text) || !isSeen(element)) continue
    const title = element.closest('.explanation-value')?.closest('dialog').querySelector('h2').textContent
    add(text, element, title ?? headsOf(element.closest('td, th')))
  }
  // A panel's text is long and is that of many numbers: it is made and sent once.
  return { found, panels: panels.map((panel) => panel.innerText) }
})()`

export async function numbersOnPage(page: Page): Promise<readonly ShownNumber[]> {
  const { found, panels } = await page.evaluate<{
    readonly found: readonly (Omit<ShownNumber, 'panel'> & { readonly panel: number })[]
    readonly panels: readonly string[]
  }>(COLLECT)
  return found.map((shown) => ({ ...shown, panel: panels[shown.panel] ?? '' }))
}
