// Keeps what a page writes on canvases, by canvas: texts of charts and names on the map, and what is written in the markers that are
// copied onto it. The walk reads it as it reads the page's text (page-numbers.ts).

/** Runs before the page's own scripts. */
export const RECORD_DRAWN = `(() => {
  const texts = new WeakMap()
  const on = (surface) => {
    if (!texts.has(surface)) texts.set(surface, new Map())
    return texts.get(surface)
  }
  const put = (surface, one) => on(surface).set([one.text, one.width, one.height].join('|'), one)
  for (const { prototype } of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
    const { fillText, drawImage, clearRect } = prototype
    prototype.fillText = function (text, ...rest) {
      put(this.canvas, { text: String(text), width: null, height: null })
      return fillText.call(this, text, ...rest)
    }
    // A marker is drawn once, and copied onto the map at its own size.
    prototype.drawImage = function (image, ...rest) {
      const [width, height] = rest.length === 4 ? rest.slice(2) : [null, null]
      for (const { text } of texts.get(image)?.values() ?? []) put(this.canvas, { text, width, height })
      return drawImage.call(this, image, ...rest)
    }
    prototype.clearRect = function (left, top, ...rest) {
      if (left <= 0 && top <= 0) texts.delete(this.canvas)
      return clearRect.call(this, left, top, ...rest)
    }
  }
  const { transferToImageBitmap } = OffscreenCanvas.prototype
  OffscreenCanvas.prototype.transferToImageBitmap = function () {
    const bitmap = transferToImageBitmap.call(this)
    texts.set(bitmap, on(this))
    texts.delete(this)
    return bitmap
  }
  for (const side of ['width', 'height']) {
    const { get, set } = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, side)
    Object.defineProperty(HTMLCanvasElement.prototype, side, {
      get,
      set(value) {
        texts.delete(this)
        set.call(this, value)
      },
    })
  }
  globalThis.drawnOn = (canvas) => [...(texts.get(canvas)?.values() ?? [])]
})()`

/** A text on a canvas, as `drawnOn(canvas)` names it in the page. */
export interface DrawnText {
  readonly text: string
  /** CSS pixels of the marker that it was copied with; null when it was written on the canvas itself. */
  readonly width: number | null
  readonly height: number | null
}
