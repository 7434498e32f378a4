/** Runs in the page: the texts that stand out too little from what is behind them (WCAG 2.2, 1.4.3: 4.5 to 1). */
export function lowContrastTexts(): string[] {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!
  /** Painted over each other, as the screen does. */
  const painted = (colors: string[]): number[] => {
    canvas.clearRect(0, 0, 1, 1)
    for (const color of colors) {
      canvas.fillStyle = color
      canvas.fillRect(0, 0, 1, 1)
    }
    return Array.from(canvas.getImageData(0, 0, 1, 1).data.subarray(0, 3))
  }
  const luminance = (rgb: number[]): number => {
    const [red, green, blue] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
  }
  const faint = new Set<string>()
  for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== '')
    if (!hasText || !element.checkVisibility() || ['SCRIPT', 'STYLE', 'OPTION'].includes(element.tagName)) continue
    const grounds: string[] = []
    for (let at: Element | null = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor)
    const [back, front] = [luminance(painted(grounds)), luminance(painted([...grounds, getComputedStyle(element).color]))]
    const ratio = (Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05)
    if (ratio < 4.5)
      faint.add(`${element.tagName.toLowerCase()}.${element.className} ${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`)
  }
  return [...faint]
}
