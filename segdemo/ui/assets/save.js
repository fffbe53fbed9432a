function save() {
  document.querySelector('#taken').click();
}
