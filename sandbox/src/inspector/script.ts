/**
 * The script of the page. It is sent as source, so it must not use anything outside this function. The page also works without it; with it, the
 * page updates itself and buttons do not reload it.
 */
function inspect(): void {
  /** The polling interval; an answer without changes is empty (304). */
  const POLL_MS = 1000
  /** Screen readers announce new requests at most this often. */
  const ANNOUNCE_EVERY_MS = 3000
  /** A success notice disappears after this time, an error stays. */
  const NOTICE_MS = 6000
  const root = document.documentElement
  const byId = (id: string) => document.getElementById(id)
  const live = byId('live')!
  const pause = byId('pause')!
  const notice = byId('notice')!
  const news = byId('news')!
  const dialog = byId('detail') as HTMLDialogElement
  root.classList.add('js')

  interface Update {
    parts: Record<string, string>
    notice?: { kind: string; text: string }
  }

  let etag = ''
  let paused = false
  let latestRequest = 0
  let announcedAtMs = 0

  /** Updates `old` to match `fresh` and keeps unchanged nodes, so that focus, selections and open details stay. */
  function morph(old: Element, fresh: Element): void {
    for (const name of old.getAttributeNames()) if (!fresh.hasAttribute(name) && name !== 'open') old.removeAttribute(name)
    // After a user's choice the attribute alone no longer changes the selection.
    if (old instanceof HTMLOptionElement && fresh.hasAttribute('selected') && !old.hasAttribute('selected')) old.selected = true
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
    let at = old.firstChild
    for (const freshChild of fresh.childNodes) {
      const id = freshChild instanceof Element ? freshChild.id : ''
      const sameId: Element | undefined = id === '' ? undefined : [...old.children].find((child) => child.id === id)
      const candidate: ChildNode | null = sameId ?? at
      const same =
        candidate !== null &&
        candidate.nodeName === freshChild.nodeName &&
        (sameId !== undefined || id === '' || (candidate as Element).id === '')
      if (!same) {
        const added = document.importNode(freshChild, true)
        if (added instanceof HTMLTableRowElement) added.classList.add('new')
        old.insertBefore(added, at)
        continue
      }
      if (candidate === at) at = at.nextSibling
      else old.insertBefore(candidate, at)
      if (candidate instanceof Element) morph(candidate, freshChild as Element)
      else if (candidate.nodeValue !== freshChild.nodeValue) candidate.nodeValue = freshChild.nodeValue
    }
    while (at) {
      const next: ChildNode | null = at.nextSibling
      at.remove()
      at = next
    }
  }

  function showState(state: 'on' | 'off' | 'lost'): void {
    if (live.dataset['state'] === state) return
    live.dataset['state'] = state
    byId('live-text')!.textContent = live.dataset[state]!
  }

  let hideTimer = 0
  function notify(kind: string, text: string): void {
    notice.dataset['kind'] = kind
    notice.textContent = text
    clearTimeout(hideTimer)
    if (kind === 'good') hideTimer = window.setTimeout(() => (notice.textContent = ''), NOTICE_MS)
  }

  /** The sandbox's time minus the browser's. */
  let offset = 0
  function readClock(): void {
    offset = Number(byId('clock')!.dataset['now']) - Date.now()
  }
  function tick(): void {
    const clock = byId('clock')!
    if (clock.dataset['frozen'] === 'true') return
    const now = new Date(Date.now() + offset).toISOString()
    byId('clock-time')!.textContent = now.slice(11, 19)
    byId('clock-date')!.textContent = `${now.slice(0, 10)} UTC`
  }

  function show({ parts, notice: outcome }: Update): void {
    for (const [id, markup] of Object.entries(parts)) {
      const fresh = new DOMParser().parseFromString(markup, 'text/html').body.firstElementChild
      const old = byId(id)
      if (fresh && old) morph(old, fresh)
    }
    readClock()
    tick()
    const text = byId('requests')!.dataset['news'] ?? ''
    if (text !== news.textContent && Date.now() - announcedAtMs > ANNOUNCE_EVERY_MS) {
      announcedAtMs = Date.now()
      news.textContent = text
    }
    if (outcome) notify(outcome.kind, outcome.text)
  }

  const query = () => location.search
  /** Shows every answer to an action, but only the latest poll: an older one may be out of date. */
  async function ask(path: string, method: 'GET' | 'POST', headers: Record<string, string>, body?: URLSearchParams): Promise<void> {
    const number = ++latestRequest
    try {
      const answer = await fetch(path, {
        method,
        body: body ?? null,
        cache: 'no-store',
        headers: { accept: 'application/json', ...headers },
      })
      if (method === 'POST') latestRequest++
      else if (number !== latestRequest) return
      if (answer.status !== 304) {
        etag = answer.headers.get('etag') ?? ''
        show((await answer.json()) as Update)
      }
      showState(paused ? 'off' : 'on')
    } catch {
      showState('lost')
      if (method === 'POST') notify('bad', live.dataset['unreachable']!)
    }
  }
  const poll = () => ask(`/_sandbox/inspector/parts${query()}`, 'GET', { 'if-none-match': etag })

  async function follow(): Promise<void> {
    if (!paused && document.visibilityState === 'visible') await poll()
    setTimeout(() => void follow(), POLL_MS)
  }

  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement
    if (form.id === 'filter') event.preventDefault()
    if (form.method !== 'post') return
    event.preventDefault()
    // The notice is behind the dialog.
    if (dialog.open) dialog.close()
    notify('good', '')
    const fields = new URLSearchParams()
    for (const [name, value] of new FormData(form, event.submitter)) if (typeof value === 'string') fields.append(name, value)
    void ask(`${form.getAttribute('action')}${query()}`, 'POST', {}, fields)
  })

  document.addEventListener('input', (event) => {
    const field = event.target as HTMLInputElement
    if (field.form?.id !== 'filter') return
    const url = new URL(location.href)
    if (field.value === '') url.searchParams.delete('q')
    else url.searchParams.set('q', field.value)
    history.replaceState(null, '', url)
    void poll()
  })

  async function openDetail(path: string): Promise<void> {
    const page = new DOMParser().parseFromString(await (await fetch(path)).text(), 'text/html')
    byId('sheet')!.replaceChildren(...page.querySelector('.sheet')!.childNodes)
    dialog.showModal()
  }

  document.addEventListener('click', (event) => {
    const target = event.target as Element
    const link = target.closest<HTMLAnchorElement>('a[data-detail]')
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault()
      openDetail(link.href).catch(() => notify('bad', live.dataset['unreachable']!))
    }
    const copy = target.closest<HTMLElement>('[data-copy]')
    if (copy)
      navigator.clipboard.writeText(copy.dataset['copy']!).then(
        () => notify('good', copy.dataset['copied']!),
        // Without clipboard permission, select the key for manual copying.
        () => getSelection()!.selectAllChildren(copy.previousElementSibling!),
      )
    if (target === dialog) dialog.close()
  })

  pause.addEventListener('click', () => {
    paused = !paused
    pause.setAttribute('aria-pressed', String(paused))
    showState(paused ? 'off' : 'on')
    if (!paused) void poll()
  })

  readClock()
  setInterval(tick, 250)
  void follow()
}

export const script = `(${inspect.toString()})()`
