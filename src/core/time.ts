/**
 * How long something takes, roughly, in the words of a language: "15 sec", "2.5 min".
 *
 * @param seconds - The duration; below one second counts as one.
 * @param locale - A BCP 47 tag; the browser's language when left out.
 */
export function roughly(seconds: number, locale?: string): string {
  if (seconds < 10) {
    return inUnit(Math.max(Math.round(seconds), 1), 'second', locale);
  }
  if (seconds < 57.5) {
    return inUnit(Math.round(seconds / 5) * 5, 'second', locale);
  }
  if (seconds < 57.5 * 60) {
    const minutes = seconds / 60;
    const rounded =
      minutes < 5 ? Math.round(minutes * 2) / 2 : Math.round(minutes);
    return inUnit(Math.max(rounded, 1), 'minute', locale);
  }
  return inUnit(Math.round(seconds / 360) / 10, 'hour', locale);
}

/**
 * How long something took or runs already, to the second: "< 1 sec", "2 min 5 sec".
 *
 * @param seconds - The duration.
 * @param locale - A BCP 47 tag; the browser's language when left out.
 */
export function exactly(seconds: number, locale?: string): string {
  if (seconds < 0.5) {
    return `< ${inUnit(1, 'second', locale)}`;
  }
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second']
  ] as const;
  const shown = parts.filter(
    ([amount, unit]) => amount > 0 || (unit === 'second' && whole < 60)
  );
  return shown.map(([amount, unit]) => inUnit(amount, unit, locale)).join(' ');
}

/** A moment in the words of a language: "Nov 23, 2026, 10:05 AM". */
export function moment(iso: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short'
  }).format(new Date(iso));
}

/** A time of the day in the words of a language: "2:30 PM". */
export function clock(iso: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(
    new Date(iso)
  );
}

/** A number with exactly this many decimal places: "0.9833". */
export function decimal(
  value: number,
  digits: number,
  locale?: string
): string {
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits
  }).format(value);
}

/** A fraction from 0 to 1 as whole percent: "42%". */
export function percent(fraction: number, locale?: string): string {
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 0
  }).format(fraction);
}

/**
 * The BCP 47 tag of a language as JupyterLab names it ("de_DE"), or `undefined` when it
 * is none, such as "default".
 */
export function languageTag(code: string): string | undefined {
  try {
    const tag = Intl.getCanonicalLocales(code.replace('_', '-'))[0];
    return Intl.NumberFormat.supportedLocalesOf(tag ?? '')[0];
  } catch {
    return undefined;
  }
}

function inUnit(
  amount: number,
  unit: 'second' | 'minute' | 'hour',
  locale?: string
): string {
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: 1
  }).format(amount);
}
