/** What the part is called that is edited; where a button goes under the focus, the focus comes here. */
export function PartTitle(props: { text: string }) {
  return (
    <div class="db-ed-head">
      <h2 id="ed-part-title" tabIndex={-1}>
        {props.text}
      </h2>
    </div>
  );
}
