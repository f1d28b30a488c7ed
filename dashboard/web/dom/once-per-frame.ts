// Many changes, one drawing: asks for the next frame once, however often it is called before it.

/** A function that has `draw` run in the next frame. */
export function oncePerFrame(draw: () => void): () => void {
  let isAsked = false
  return () => {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      draw()
    })
  }
}
