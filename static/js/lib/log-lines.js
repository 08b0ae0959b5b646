// Lines of a log from the studio, as safe HTML, and what its headers say of the log; null without an answer.

export async function askLines(src, asked) {
  const address = new URL(src, location.href);
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  try {
    const answer = await fetch(address);
    if (!answer.ok || answer.redirected) return null;
    const told = (name) => Number(answer.headers.get(name));
    return {
      html: (await answer.text()).trim(),
      first: told("X-Log-First"),
      next: told("X-Log-Next"),
      size: told("X-Log-Size"),
      total: told("X-Log-Total"),
      ended: told("X-Run-Ended") === 1,
    };
  } catch {
    return null;
  }
}
