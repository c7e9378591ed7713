type Exact = `${number}`;

/** An amount as people here write it. The string goes in as it is: no floating-point number on the way. */
export function money(value: { amount: string; currencyCode: string } | null): string {
  if (value === null) return '–';
  const style = { style: 'currency', currency: value.currencyCode } as const;
  return new Intl.NumberFormat(undefined, style).format(value.amount as Exact);
}

export function moment(at: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
}

/** A calendar date has no time zone: read as UTC, shown as UTC. */
export function day(date: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(date));
}

/** `IN_APPROVAL` → `In approval`. */
export function words(value: string): string {
  const text = value.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
