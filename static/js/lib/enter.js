// The link that signs in works once, so only a form uses it up: a mail program that looks at links does not.
document.querySelector("form[data-enter]").requestSubmit();
