"""The look of the preview page: Discord's dark theme, without its files."""

STYLE = """\
:root { color-scheme: dark; }
* { box-sizing: border-box; }
body {
  margin: 0;
  background: #313338;
  color: #dbdee1;
  font: 16px/1.375 "gg sans", "Noto Sans", "Helvetica Neue", Helvetica, Arial, sans-serif;
  overflow-wrap: anywhere;
}
main { max-width: 1100px; margin: 0 auto; padding-bottom: 2rem; }
section > header {
  position: sticky;
  top: 0;
  display: flex;
  gap: .5rem;
  align-items: baseline;
  padding: .75rem 1rem;
  background: #313338;
  border-bottom: 1px solid #26272b;
  box-shadow: 0 1px 2px #0004;
}
section > header h1 { margin: 0; font-size: 1rem; color: #f2f3f5; }
.hash { color: #80848e; font-size: 1.25rem; }
.tenant { color: #949ba4; font-size: .875rem; margin-left: auto; }
article { display: flex; gap: 1rem; padding: 1rem 1rem .25rem; }
.avatar {
  flex: none;
  width: 40px;
  height: 40px;
  border-radius: 50%;
  display: grid;
  place-items: center;
  color: #fff;
  font-weight: 600;
}
.message { flex: 1; min-width: 0; }
.sender { margin: 0; color: #f2f3f5; }
.sender b { font-weight: 500; }
.app {
  margin-left: .35rem;
  padding: .05rem .3rem;
  border-radius: 3px;
  background: #5865f2;
  color: #fff;
  font-size: .65rem;
  font-weight: 600;
  vertical-align: .1rem;
}
.note { margin-left: .5rem; color: #949ba4; font-size: .75rem; }
.content, .field, .description { white-space: pre-wrap; }
pre {
  margin: .35rem 0;
  padding: .5rem;
  max-width: 90ch;
  background: #2b2d31;
  border: 1px solid #1e1f22;
  border-radius: 4px;
  font: .875rem/1.125rem Consolas, "DejaVu Sans Mono", "Liberation Mono", Menlo, monospace;
  white-space: pre-wrap;
}
code { background: #2b2d31; border-radius: 3px; padding: 0 .2em; font-size: .875em; }
.embed {
  display: grid;
  gap: .5rem;
  margin-top: .3rem;
  max-width: 516px;
  padding: .6rem 1rem .9rem .8rem;
  background: #2b2d31;
  border-left: 4px solid;
  border-radius: 4px;
  font-size: .875rem;
  line-height: 1.125rem;
}
.author { color: #f2f3f5; font-weight: 600; display: flex; align-items: center; gap: .5rem; }
.icon {
  flex: none;
  width: 24px;
  height: 24px;
  border-radius: 50%;
  display: grid;
  place-items: center;
  background: #404249;
  font-size: .75rem;
}
.title { color: #f2f3f5; font-size: 1rem; font-weight: 600; }
.field .name { color: #f2f3f5; font-weight: 600; margin-bottom: 2px; }
.footer { color: #b5bac1; font-size: .75rem; line-height: 1rem; }
.subtext { color: #949ba4; font-size: .8125rem; }
.heading { color: #f2f3f5; font-weight: 700; font-size: 1.25rem; }
.heading.h1 { font-size: 1.5rem; }
.quote { border-left: 4px solid #4e5058; padding-left: .75rem; }
.item { padding-left: 1rem; }
.mention { background: #5865f24d; color: #c9cdfb; border-radius: 3px; }
.link { color: #00a8fc; }
.spoiler { background: #1e1f22; border-radius: 3px; }
.nothing { color: #949ba4; padding: 1rem; }
@media (max-width: 500px) {
  article { gap: .75rem; padding: .75rem .75rem .25rem; }
  .avatar { width: 36px; height: 36px; }
  pre { font-size: .8125rem; line-height: 1.0625rem; }
}
"""
