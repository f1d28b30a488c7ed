// Entry of the residents' map.

import '../../style/map-page.css'
import { byId, h } from '../../dom/h.ts'
import { patch } from '../../dom/patch.ts'
import { registerWorker } from '../../register-worker.ts'
import { startShell } from '../../shell/shell.ts'
import { t } from '../../text/texts.ts'
import { MapPage } from './map-page.ts'

registerWorker()
const shell = await startShell('map')
if (shell.village.ok) {
  const page = new MapPage(shell, shell.village.value)
  await page.start()
} else {
  // Without the village nothing can be placed: say what failed, and offer to try again.
  const { title, detail } = shell.village.fault
  shell.setLink('offline')
  patch(
    byId('answers'),
    h(
      'div',
      { class: 'notice', role: 'status' },
      h('p', {}, t('err.load')),
      h('button', { type: 'button', class: 'button', id: 'reload' }, t('retry')),
      h('details', {}, h('summary', {}, t('details')), h('p', {}, title || t('err.noanswer'), ' ', detail)),
    ),
  )
  byId('reload').addEventListener('click', () => location.reload())
}
